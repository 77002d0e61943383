package opwire_test

import (
	"net/http"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
)

func TestLimitsAreToldAsTheServerSaysThem(t *testing.T) {
	ctx, transport := testContext(t), &speaking{}
	client := newClient(t, opwire.WithTransport(transport))
	list := func() {
		t.Helper()
		if _, err := client.Vaults().List(ctx); err != nil {
			t.Fatal(err)
		}
	}
	list()
	if limits, err := client.Account().RateLimit(ctx); err != nil || limits.Reads != nil {
		t.Errorf("%+v, %v", limits, err)
	}
	transport.headers.Store(&http.Header{
		"Ratelimit-Policy": {`"reads";q=100;w=3600`}, "Ratelimit": {`"reads";r=7;t=1800`},
	})
	list()
	limits, err := client.Account().RateLimit(ctx)
	if err != nil || limits.Reads == nil || limits.Reads.Limit != 100 || limits.Reads.Remaining != 7 {
		t.Fatalf("%+v, %v", limits, err)
	}
	if limits.Reads.ResetsAt.Before(time.Now().Add(25 * time.Minute)) {
		t.Errorf("%v", limits.Reads.ResetsAt)
	}
}
