package opwire

// ErrorOfKind returns the error for a failure of the core with this name.
func ErrorOfKind(name string) error { return typedError(&Error{Name: name}) }
