package opwire_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opwire/opwire/go/internal/testserver"
)

const publicModule = "github.com/1password/onepassword-sdk-go"

// A library that imports only the public SDK works for its users.
const library = `package library

import (
	"context"
	"errors"

	onepassword "github.com/1password/onepassword-sdk-go"
)

// Shared takes a client from its user.
func Shared(ctx context.Context, client *onepassword.Client, reference string) (string, error) {
	return client.Secrets().Resolve(ctx, reference)
}

func Own(ctx context.Context, token, vaultID string) (title string, err error) {
	client, err := onepassword.NewClient(ctx,
		onepassword.WithServiceAccountToken(token),
		onepassword.WithIntegrationInfo(onepassword.DefaultIntegrationName, onepassword.DefaultIntegrationVersion),
	)
	if err != nil {
		return "", err
	}
	item, err := client.Items().Create(ctx, onepassword.ItemCreateParams{
		Category: onepassword.ItemCategoryLogin, VaultID: vaultID, Title: "By a library",
	})
	if err != nil {
		return "", err
	}
	var limit *onepassword.RateLimitExceededError
	if err := client.Items().Delete(ctx, vaultID, item.ID); errors.As(err, &limit) {
		return "", err
	}
	outcome := onepassword.Response[onepassword.Item, onepassword.ItemsGetAllError]{Content: &item}
	return outcome.Content.Title, onepassword.Secrets.ValidateSecretReference(ctx, "op://vault/item/field")
}
`

const program = `package main

import (
	"context"
	"fmt"
	"os"

	"example.com/library"
	opwire "github.com/opwire/opwire/go"
)

func main() {
	ctx, token := context.Background(), os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")
	fmt.Println(library.Own(ctx, token, os.Getenv("OP_VAULT_ID")))
	client, err := opwire.NewClient(ctx, opwire.WithServiceAccountToken(token), opwire.WithIntegrationInfo("Test", "1"))
	if err != nil {
		panic(err)
	}
	fmt.Println(library.Shared(ctx, client, os.Args[1]))
}
`

func TestADependencyIsSwitchedByReplacingThePublicModule(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	err = testserver.WriteFiles(folder, map[string]string{
		"library/library.go": library,
		"library/go.mod":     "module example.com/library\n\ngo 1.24.0\n\nrequire " + publicModule + " v0.4.1\n",
		"main.go":            program,
		"go.sum":             string(sums),
		"go.mod": fmt.Sprintf(`module example.com/program

go 1.24.0

require (
	example.com/library v1.0.0
	%[1]s v0.4.1
	github.com/opwire/opwire/go v0.1.0
)

replace example.com/library => ./library

replace %[1]s => %[2]s/dropin

replace github.com/opwire/opwire/go => %[2]s
`, publicModule, filepath.ToSlash(here)),
	})
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "run", "-mod=mod", ".", example)
	run.Dir = folder
	run.Env = append(os.Environ(), "OP_SERVICE_ACCOUNT_TOKEN="+server.Token, "OP_VAULT_ID="+server.VaultID)
	output, err := run.CombinedOutput()
	if want := "By a library <nil>\n" + secret + " <nil>\n"; err != nil || string(output) != want {
		t.Errorf("%v:\n%s\nwant\n%s", err, output, want)
	}
}

func TestTheDropInHasAllNames(t *testing.T) {
	names, there := exportedNames(t, "."), exportedNames(t, "dropin")
	for name := range names {
		if !there[name] {
			t.Errorf("dropin/onepassword.go lacks %s", name)
		}
	}
	if len(names) < 100 {
		t.Errorf("only %d names were found", len(names))
	}
}

// exportedNames returns the exported names of the package in a folder.
func exportedNames(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			for _, name := range declared(declaration) {
				if ast.IsExported(name) {
					names[name] = true
				}
			}
		}
	}
	return names
}

func declared(declaration ast.Decl) (names []string) {
	switch declaration := declaration.(type) {
	case *ast.FuncDecl:
		if declaration.Recv == nil {
			names = append(names, declaration.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range declaration.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}
