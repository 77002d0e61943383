package desktopapp_test

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/desktopapp"
	"github.com/opwire/opwire/go/internal/testserver"
)

const program = `package main

import (
	"context"
	"fmt"

	opwire "github.com/opwire/opwire/go"%s
)

func main() {
	ctx := context.Background()
	client, err := opwire.NewClient(ctx, opwire.WithDesktopAppIntegration("Acme"), opwire.WithIntegrationInfo("Test", "1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.Secrets().Resolve(ctx, "` + reference + `"))
}
`

// build builds a program without cgo, with more imports, and returns its path.
func build(t *testing.T, imports string) string {
	t.Helper()
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
		"main.go": fmt.Sprintf(program, imports),
		"go.sum":  string(sums),
		"go.mod": fmt.Sprintf(`module example.com/program

go 1.24.0

require (
	github.com/opwire/opwire/go v0.1.0
	github.com/opwire/opwire/go/desktopapp v0.1.0
)

replace github.com/opwire/opwire/go => %[1]s

replace github.com/opwire/opwire/go/desktopapp => %[1]s/desktopapp
`, filepath.ToSlash(filepath.Dir(here))),
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("go", "build", "-mod=mod", "-o", "program", ".")
	command.Dir = folder
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, output)
	}
	return filepath.Join(folder, "program")
}

func isStatic(t *testing.T, program string) bool {
	t.Helper()
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	return !slices.ContainsFunc(file.Progs, func(part *elf.Prog) bool { return part.Type == elf.PT_INTERP })
}

func TestOnlyProgramsThatImportThePackageAreNotStatic(t *testing.T) {
	without := build(t, "")
	if !isStatic(t, without) {
		t.Error("a program without the package is linked to a C library")
	}
	// It needs nothing of the machine, and says how to get the app.
	output, err := exec.Command(without).Output()
	if err != nil || !strings.Contains(string(output), "imports github.com/opwire/opwire/go/desktopapp") {
		t.Errorf("%v: %s", err, output)
	}

	with := build(t, "\n\t_ \"github.com/opwire/opwire/go/desktopapp\"")
	if isStatic(t, with) {
		t.Error("a program with the package is static: say so in its documentation")
	}
	output, err = exec.Command(filepath.Join(sources, "at-its-place"), with).CombinedOutput()
	if want := "Acme by client 1 <nil>\n"; err != nil || string(output) != want {
		t.Errorf("%v: %s", err, output)
	}

	server, err := testserver.StartWithAgent()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	t.Setenv("OPWIRE_AGENT_SOCKET", server.Env["OPWIRE_AGENT_SOCKET"])
	output, err = exec.Command(filepath.Join(sources, "at-its-place"), with).CombinedOutput()
	if want := secret + " <nil>\n"; err != nil || string(output) != want {
		t.Errorf("the agent is not preferred: %v: %s", err, output)
	}
	ours, err := testserver.Beside("libop_desktop_ipc.so")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(ours); err == nil {
		tryAgentByLibrary(t, server, ours)
	}
}

// tryAgentByLibrary makes calls by the library of opwire's own, which serves programs for the public app.
func tryAgentByLibrary(t *testing.T, server *testserver.Server, library string) {
	client := connected(t, server.Env["OPWIRE_ACCOUNT"], desktopapp.WithLibrary(library))
	resolve(t, client, secret)
	content := bytes.Repeat([]byte{0, 1, 127, 128, 255}, 200)
	item, err := client.Items().Create(testContext(t), opwire.ItemCreateParams{
		Category: opwire.ItemCategoryDocument, VaultID: server.VaultID, Title: "Through the library",
		Document: &opwire.DocumentCreateParams{Name: "bytes.bin", Content: content},
	})
	if err != nil {
		t.Fatal(err)
	}
	read, err := client.Items().Files().Read(testContext(t), item.VaultID, item.ID, *item.Document)
	if err != nil || !reflect.DeepEqual(read, content) {
		t.Errorf("read %d bytes, %v", len(read), err)
	}
	if err := client.Items().Delete(testContext(t), item.VaultID, item.ID); err != nil {
		t.Error(err)
	}
}
