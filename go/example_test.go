package opwire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	opwire "github.com/opwire/opwire/go"
)

func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	client, err := opwire.NewClient(ctx,
		opwire.WithServiceAccountToken(os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")),
		opwire.WithIntegrationInfo("My program", "v1.0.0"),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	secret, err := client.Secrets().Resolve(ctx, "op://Development/Example/password")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(secret), "characters")
}

func ExampleError() {
	ctx := context.Background()
	var client *opwire.Client // from NewClient

	_, err := client.Vaults().List(ctx)
	var limit *opwire.RateLimitExceededError
	var failure *opwire.Error
	switch {
	case errors.As(err, &limit):
		time.Sleep(limit.RetryAfter)
	case errors.Is(err, opwire.ErrPermissionDenied):
		fmt.Println("the token does not allow this")
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Println("too slow")
	case errors.As(err, &failure) && failure.Retryable:
		fmt.Println("try again later:", failure.Name)
	}
}

func ExampleWithTransport() {
	proxy, err := url.Parse("http://proxy.example.com:8080")
	if err != nil {
		fmt.Println(err)
		return
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(proxy)
	client, err := opwire.NewClient(context.Background(),
		opwire.WithServiceAccountToken(os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")),
		opwire.WithIntegrationInfo("My program", "v1.0.0"),
		opwire.WithTransport(transport),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
}

func ExamplePrepare() {
	// The core compiles while the program reads its configuration, and from the second start on it is read from disk.
	go opwire.Prepare(context.Background(), opwire.WithCompilationCache("/var/cache/my-program"))
}
