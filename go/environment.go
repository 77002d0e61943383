package opwire

import (
	"context"
	"fmt"
	"os"
	"regexp"
)

var variableName = regexp.MustCompile(VariableNamePattern)

// LoadEnvironment sets the variables of an Environment in the environment of this process, and returns the names of
// those that it set. Variables that are already set are kept. If several variables have the same name, the last one
// counts. Added by opwire.
func LoadEnvironment(ctx context.Context, client *Client, environmentID string) ([]string, error) {
	return loadEnvironment(ctx, client, environmentID, false)
}

// OverloadEnvironment is like LoadEnvironment, but replaces variables that are already set. Added by opwire.
func OverloadEnvironment(ctx context.Context, client *Client, environmentID string) ([]string, error) {
	return loadEnvironment(ctx, client, environmentID, true)
}

func loadEnvironment(ctx context.Context, client *Client, environmentID string, override bool) ([]string, error) {
	response, err := client.Environments().GetVariables(ctx, environmentID)
	if err != nil {
		return nil, err
	}
	values := make(map[string]string)
	var names []string
	for _, variable := range response.Variables {
		if !variableName.MatchString(variable.Name) {
			return nil, fmt.Errorf("opwire: the Environment %s has a variable named %q, which is not a valid name: names have letters, digits and _, and do not start with a digit", environmentID, variable.Name)
		}
		if _, seen := values[variable.Name]; !seen {
			names = append(names, variable.Name)
		}
		values[variable.Name] = variable.Value
	}
	var set []string
	for _, name := range names {
		if _, there := os.LookupEnv(name); there && !override {
			continue
		}
		if err := os.Setenv(name, values[name]); err != nil {
			return set, fmt.Errorf("opwire: the variable %q cannot be set: %w", name, err)
		}
		set = append(set, name)
	}
	return set, nil
}
