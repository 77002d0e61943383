package opwire_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	opwire "github.com/opwire/opwire/go"
)

func TestAHundredGoroutinesOnOneClient(t *testing.T) {
	client := newClient(t)
	items := createLogins(t, client, 10)
	var group sync.WaitGroup
	for i := range 100 {
		group.Add(1)
		go func() {
			defer group.Done()
			item := items[i%len(items)]
			want := password(item)
			if i%2 == 0 {
				got, err := client.Items().Get(testContext(t), item.VaultID, item.ID)
				if err != nil || password(got) != want {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			secret, err := client.Secrets().Resolve(testContext(t), fmt.Sprintf("op://%s/%s/password", item.VaultID, item.ID))
			if err != nil || secret != want {
				t.Errorf("resolved %q, %v", secret, err)
			}
		}()
	}
	group.Wait()
}

func TestRequestsOfConcurrentCallsOverlap(t *testing.T) {
	const calls = 10
	meeting := newMeetingTransport(calls)
	client := newClient(t, opwire.WithTransport(meeting))
	items := createLogins(t, client, calls)
	meeting.start()
	getAtOnce(t, client, items)
}

func TestClientsAreIndependent(t *testing.T) {
	stall := newStallingTransport()
	stuck := newClient(t, opwire.WithTransport(stall))
	stall.arm()
	go stuck.Vaults().List(testContext(t))
	<-stall.stalled
	if _, err := newClient(t).Vaults().List(testContext(t)); err != nil {
		t.Error(err)
	}
}

func createLogins(t *testing.T, client *opwire.Client, count int) []opwire.Item {
	t.Helper()
	items := make([]opwire.Item, count)
	for i := range items {
		items[i] = createLogin(t, client, fmt.Sprintf("password %d", i))
	}
	return items
}

func password(item opwire.Item) string {
	for _, field := range item.Fields {
		if field.ID == "password" {
			return field.Value
		}
	}
	return ""
}

// meetingTransport holds reads of items until a number of them have arrived.
type meetingTransport struct {
	expected sync.WaitGroup
	began    chan struct{}
}

func newMeetingTransport(calls int) *meetingTransport {
	m := &meetingTransport{began: make(chan struct{})}
	m.expected.Add(calls)
	return m
}

func (m *meetingTransport) start() { close(m.began) }

func (m *meetingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-m.began:
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/item/") {
			if err := m.meet(); err != nil {
				return nil, err
			}
		}
	default:
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (m *meetingTransport) meet() error {
	m.expected.Done()
	met := make(chan struct{})
	go func() {
		m.expected.Wait()
		close(met)
	}()
	select {
	case <-met:
		return nil
	case <-time.After(20 * time.Second):
		return fmt.Errorf("the requests do not run at the same time")
	}
}

// getAtOnce gets all of the items concurrently.
func getAtOnce(t *testing.T, client *opwire.Client, items []opwire.Item) {
	t.Helper()
	var group sync.WaitGroup
	for _, item := range items {
		group.Add(1)
		go func() {
			defer group.Done()
			if _, err := client.Items().Get(testContext(t), item.VaultID, item.ID); err != nil {
				t.Error(err)
			}
		}()
	}
	group.Wait()
}
