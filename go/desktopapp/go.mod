module github.com/opwire/opwire/go/desktopapp

go 1.24.0

require (
	github.com/ebitengine/purego v0.10.2
	github.com/opwire/opwire/go v0.1.0
)

require (
	github.com/tetratelabs/wazero v1.11.0 // indirect
	golang.org/x/sys v0.38.0 // indirect
)

// This holds while the module is built by itself. Programs name both modules in their own go.mod.
replace github.com/opwire/opwire/go => ../
