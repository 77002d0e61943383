package main

// Both packages stand in go.mod for this.
import (
	_ "github.com/1password/onepassword-sdk-go"
	_ "github.com/opwire/opwire/go"
)
