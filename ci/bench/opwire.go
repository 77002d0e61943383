//go:build opwire

package main

// What ci/bench builds main.go with in the place of the public SDK; named here to keep it in go.mod.
import _ "github.com/opwire/opwire/go"
