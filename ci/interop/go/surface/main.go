// Prints the exported names of packages as {path: definition}, one object for each: surface OFFICIAL OPWIRE. What only
// the package itself can make, of types of an internal package, is left out.
package main

import (
	"encoding/json"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
)

type surface map[string]string

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "surface:", err)
		os.Exit(1)
	}
}

func run(official, opwire string) error {
	exports, err := exportFiles(official, opwire)
	if err != nil {
		return err
	}
	load := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	surfaces := map[string]surface{}
	for name, path := range map[string]string{"official": official, "opwire": opwire} {
		pkg, err := load.Import(path)
		if err != nil {
			return err
		}
		surfaces[name] = surfaceOf(pkg)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(surfaces)
}

// exportFiles gives the file with the types of each package.
func exportFiles(packages ...string) (map[string]string, error) {
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}, packages...)...)
	list.Stderr = os.Stderr
	output, err := list.Output()
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for line := range strings.Lines(string(output)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return files, nil
}

func surfaceOf(pkg *types.Package) surface {
	s := surface{}
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() || isInternal(object.Type()) {
			continue
		}
		switch object := object.(type) {
		case *types.Const:
			s[name] = fmt.Sprintf("const %s = %s", show(object.Type()), object.Val())
		case *types.Var:
			s[name] = "var"
			if named, ok := object.Type().(*types.Named); ok && !named.Obj().Exported() {
				s.methods(name, named)
			} else {
				s[name] = "var " + show(object.Type())
			}
		case *types.Func:
			s[name] = show(object.Type())
		case *types.TypeName:
			s.define(name, object.Type())
		}
	}
	return s
}

func (s surface) define(name string, t types.Type) {
	switch underlying := t.Underlying().(type) {
	case *types.Struct:
		s[name] = "struct"
		for i := range underlying.NumFields() {
			if field := underlying.Field(i); field.Exported() {
				s[name+"."+field.Name()] = strings.TrimSpace(show(field.Type()) + " " + underlying.Tag(i))
			}
		}
	case *types.Interface:
		s[name] = "interface"
	default:
		s[name] = show(underlying)
	}
	s.methods(name, t)
}

func (s surface) methods(name string, t types.Type) {
	if !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	methods := types.NewMethodSet(t)
	for i := range methods.Len() {
		if method := methods.At(i).Obj(); method.Exported() {
			s[name+"."+method.Name()] = show(method.Type())
		}
	}
}

// isInternal reports whether programs cannot name what t is made of.
func isInternal(t types.Type) bool {
	switch t := t.(type) {
	case *types.Signature:
		return strings.Contains(types.TypeString(t, nil), "/internal")
	case *types.Named:
		underlying, ok := t.Underlying().(*types.Struct)
		if !ok {
			return false
		}
		for i := range underlying.NumFields() {
			if field := underlying.Field(i); field.Exported() && isInternalName(field.Type()) {
				return true
			}
		}
	}
	return false
}

func isInternalName(t types.Type) bool {
	return strings.Contains(types.TypeString(t, nil), "/internal")
}

// show writes a type without the names of packages; and of parameters, which callers do not use.
func show(t types.Type) string {
	signature, ok := t.(*types.Signature)
	if !ok {
		return types.TypeString(t, func(*types.Package) string { return "" })
	}
	parameters := tuple(signature.Params())
	if signature.Variadic() {
		last := len(parameters) - 1
		parameters[last] = "..." + strings.TrimPrefix(parameters[last], "[]")
	}
	return fmt.Sprintf("func(%s) (%s)", strings.Join(parameters, ", "), strings.Join(tuple(signature.Results()), ", "))
}

func tuple(tuple *types.Tuple) []string {
	shown := make([]string, tuple.Len())
	for i := range shown {
		shown[i] = show(tuple.At(i).Type())
	}
	return shown
}
