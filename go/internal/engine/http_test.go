package engine

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestResponsesCarryBytesAndLowerCaseHeaders(t *testing.T) {
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Method", r.Method+" "+r.Header.Get("X-Asked"))
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.Copy(w, r.Body)
	}))
	defer echo.Close()
	body := []byte{0, 0xff, '"', '\n'}
	ev := sender{echo.Client(), int64(len(body))}.send(context.Background(), &httpRequest{
		Method: "PATCH", URL: echo.URL, Headers: [][2]string{{"x-asked", "yes"}}, TimeoutMs: 20_000, body: body,
	})
	header, ok := ev.header.(responseHeader)
	if !ok || header.Response.Status != http.StatusTeapot || !bytes.Equal(ev.body, body) {
		t.Fatalf("got %+v", ev)
	}
	text, _ := json.Marshal(header)
	if !strings.Contains(string(text), `["x-method","PATCH yes"]`) {
		t.Errorf("headers: %s", text)
	}
}

func TestFailuresAreOfTheKindsThatTheCoreKnows(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer slow.Close()
	long := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush() // So the length is not announced.
		_, _ = w.Write(make([]byte, 1001))
	}))
	defer long.Close()
	breaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("part"))
		panic(http.ErrAbortHandler)
	}))
	defer breaking.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // The server logs the failure that is tested.
	untrusted.StartTLS()
	defer untrusted.Close()

	for name, test := range map[string]struct{ url, kind string }{
		"nobody listens":       {"http://" + unusedAddress(t), "refused"},
		"no such host":         {"http://host.invalid", "dns"},
		"too slow":             {slow.URL, "timeout"},
		"broken off":           {breaking.URL, "interrupted"},
		"too long":             {long.URL, "too_large"},
		"untrusted":            {untrusted.URL, "tls"},
		"no URL":               {"http://[", "invalid_request"},
		"an unsupported thing": {"ftp://127.0.0.1", "other"},
	} {
		t.Run(name, func(t *testing.T) {
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}}
			defer client.CloseIdleConnections()
			ev := sender{client, 1000}.send(context.Background(), &httpRequest{Method: "GET", URL: test.url, TimeoutMs: 2000})
			header, ok := ev.header.(failureHeader)
			if !ok || header.Failure.Kind != test.kind {
				t.Fatalf("got %+v, want %s", ev.header, test.kind)
			}
			if strings.Contains(header.Failure.Message, test.url) {
				t.Errorf("the message repeats the URL: %s", header.Failure.Message)
			}
		})
	}
}

func TestAPanickingTransportIsAFailure(t *testing.T) {
	client := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { panic("out of order") })}
	ev := sender{client, 1000}.send(context.Background(), &httpRequest{Method: "GET", URL: "http://127.0.0.1", TimeoutMs: 1000})
	if header, ok := ev.header.(failureHeader); !ok || !strings.Contains(header.Failure.Message, "out of order") {
		t.Errorf("got %+v", ev.header)
	}
}

func TestEndlessPausesAndTimeoutsDoNotOverflow(t *testing.T) {
	if d := millis(1<<64 - 1); d < 24*time.Hour {
		t.Errorf("got %v", d)
	}
}

func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
