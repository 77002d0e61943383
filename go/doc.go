// Package opwire reads, writes and manages secrets in 1Password-compatible accounts.
//
//	client, err := opwire.NewClient(ctx,
//		opwire.WithServiceAccountToken(os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")),
//		opwire.WithIntegrationInfo("My program", "v1.0.0"),
//	)
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	secret, err := client.Secrets().Resolve(ctx, "op://vault/item/field")
//
// Programs written for github.com/1password/onepassword-sdk-go work after their import is changed. Names that it does
// not have are documented as "Added by opwire". opwire is independent, neither affiliated with nor endorsed by the
// makers of 1Password.
//
// The methods of one client may be called concurrently, and their requests run concurrently. Every call ends when its
// context does.
//
// The package needs no cgo: its core is a WebAssembly module, which is compiled when a process first uses it. [Prepare]
// compiles it ahead of time, and [WithCompilationCache] keeps the result on disk.
package opwire
