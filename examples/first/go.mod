module github.com/opwire/opwire/examples/first

go 1.24

require github.com/opwire/opwire/go v0.1.0

replace github.com/opwire/opwire/go => ../../go
