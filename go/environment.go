package opwire

import (
	"context"
	"fmt"
	"os"
	"regexp"
)

var variableName = regexp.MustCompile(VariableNamePattern)

// LoadEnvironment puts the variables of an Environment into the environment of this process, and returns the names of
// those that it set. Variables that are set already stay as they are. Of several of one name the last counts. It is
// beyond the surface of the official SDK.
func LoadEnvironment(ctx context.Context, client *Client, environmentID string) ([]string, error) {
	return loadEnvironment(ctx, client, environmentID, false)
}

// OverloadEnvironment is LoadEnvironment, but replaces variables that are set already. It is beyond the surface of the
// official SDK.
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
			return nil, fmt.Errorf("opwire: the Environment %s has a variable named %q, which is no name of a variable: names have letters, digits and _, and begin with no digit", environmentID, variable.Name)
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
