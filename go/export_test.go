package opwire

// ErrorOfKind returns the error that the core's failure of this name becomes.
func ErrorOfKind(name string) error { return typedError(&Error{Name: name}) }
