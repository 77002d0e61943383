package opwire_test

import (
	"context"
	"errors"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
	"github.com/opwire/opwire/go/internal/testserver"
)

// atOnce is the longest time that cancelling may take.
const atOnce = 2 * time.Second

var stalls = []string{"stall_before_headers", "stall_in_body"}

func TestACallThatIsGivenUpInAStallEndsAtOnceWithItsConnection(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t)
	for _, fault := range stalls {
		for name, call := range f.calls {
			f.inject(t, testserver.Rule{Fault: fault})
			ctx, cancel := context.WithCancel(testContext(t))
			ended := make(chan error, 1)
			go func() { ended <- call(ctx, client) }()
			f.untilStalled(t, 1)
			began := time.Now()
			cancel()
			if err := await(t, ended); !errors.Is(err, context.Canceled) {
				t.Errorf("%s in %s: %v", fault, name, err)
			}
			if took := time.Since(began); took > atOnce {
				t.Errorf("%s in %s: %v", fault, name, took)
			}
			f.untilStalled(t, 0)
			f.inject(t)
			if err := call(testContext(t), client); err != nil {
				t.Errorf("after %s in %s: %v", fault, name, err)
			}
		}
	}
}

func TestADeadlineEndsACallInTime(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t)
	f.inject(t, testserver.Rule{Fault: "stall_in_body"})
	const limit = 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	began := time.Now()
	if _, err := client.Vaults().List(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > limit+atOnce {
		t.Errorf("took %v", took)
	}
	f.untilStalled(t, 0)
}

func TestThoseWhoShareAReadAreLeftAlone(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t)
	for _, fault := range stalls {
		f.inject(t, testserver.Rule{Match: "GET", Fault: fault})
		list := func(ctx context.Context) chan error {
			ended := make(chan error, 1)
			go func() {
				_, err := client.Items().List(ctx, server.VaultID)
				ended <- err
			}()
			return ended
		}
		giveUpFirst(t, f, 1, list, list)
	}
}

func TestThoseWhoShareASignInAreLeftAlone(t *testing.T) {
	f := newFaulty(t)
	client := f.warmClient(t)
	f.inject(t,
		testserver.Rule{Match: "GET", Fault: "end_session"},
		testserver.Rule{Match: "POST /api/v3/auth/start", Fault: "stall_before_headers"},
	)
	f.takeRequests(t)
	start := func(call string) func(context.Context) chan error {
		return func(ctx context.Context) chan error {
			ended := make(chan error, 1)
			go func() { ended <- f.calls[call](ctx, client) }()
			return ended
		}
	}
	giveUpFirst(t, f, 1, start("VaultsList"), start("ItemsList"))
	if count := signIns(f.takeRequests(t)); count != 1 {
		t.Errorf("%d sign-ins", count)
	}
}

// giveUpFirst starts one call, and two more when a number of requests are stalled. Then it cancels the first call and
// lets the others continue.
func giveUpFirst(t *testing.T, f *faulty, stalled int, first, other func(context.Context) chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(testContext(t))
	begun := first(ctx)
	f.untilStalled(t, stalled)
	others := []chan error{other(testContext(t)), other(testContext(t))}
	time.Sleep(300 * time.Millisecond)
	cancel()
	if err := await(t, begun); !errors.Is(err, context.Canceled) {
		t.Errorf("the first got %v", err)
	}
	f.inject(t)
	for _, ended := range others {
		if err := await(t, ended); err != nil {
			t.Error(err)
		}
	}
}

func TestASignInThatIsGivenUpInAStallEndsWithItsConnection(t *testing.T) {
	f := newFaulty(t)
	f.inject(t, testserver.Rule{Match: "POST /api/v2/auth", Fault: "stall_in_body"})
	ctx, cancel := context.WithCancel(testContext(t))
	ended := make(chan error, 1)
	go func() {
		_, err := opwire.NewClient(ctx, append(credentials(), opwire.WithServiceAccountToken(f.proxy.Token))...)
		ended <- err
	}()
	f.untilStalled(t, 1)
	cancel()
	if err := await(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	eventually(t, "no connection is left", func() bool {
		open, _, err := f.proxy.Connections()
		return err == nil && open == 0
	})
}
