package engine

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// sender performs requests.
type sender struct {
	client *http.Client
	// maxResponse is the longest body of a response. Two copies of it must fit into the core's memory.
	maxResponse int64
}

// send performs one request. It also returns if the transport, which may be the caller's, panics.
func (s sender) send(ctx context.Context, request *httpRequest) (ev event) {
	var proxy *string
	fail := func(kind string, err error) event {
		failure := failure{Kind: kind, Message: withoutURL(err).Error(), Proxy: proxy, Cause: request.Op}
		return event{header: failureHeader{failure}, cause: err}
	}
	defer func() {
		if cause := recover(); cause != nil {
			ev = fail("other", fmt.Errorf("the HTTP transport panicked: %v", cause))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, millis(request.TimeoutMs))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, request.Method, request.URL, bytes.NewReader(request.body))
	if err != nil {
		return fail("invalid_request", err)
	}
	for _, header := range request.Headers {
		req.Header.Set(header[0], header[1])
	}
	proxy = proxyBefore(s.client, req)
	response, err := s.client.Do(req)
	if err != nil {
		kind := failureKind(err)
		if kind == "other" && req.URL.Scheme == "https" && proxy != nil && *proxy != "" {
			kind = "proxy" // net/http reports only the proxy's text.
		}
		return fail(kind, err)
	}
	defer response.Body.Close()
	if response.ContentLength > s.maxResponse {
		return fail("too_large", errTooLarge)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, s.maxResponse+1))
	if err != nil {
		return fail(failureKind(err), err)
	}
	if int64(len(body)) > s.maxResponse {
		return fail("too_large", errTooLarge)
	}
	return responseEvent(response, body)
}

func responseEvent(response *http.Response, body []byte) event {
	var header responseHeader
	header.Response.Status = response.StatusCode
	header.Response.Headers = [][2]string{}
	for name, values := range response.Header {
		for _, value := range values {
			header.Response.Headers = append(header.Response.Headers, [2]string{strings.ToLower(name), value})
		}
	}
	return event{header: header, body: body}
}

var errTooLarge = errors.New("the response is too large")

// proxyBefore returns the proxy that a request is sent through, without user and password: empty for none, nil if
// unknown.
func proxyBefore(client *http.Client, request *http.Request) *string {
	transport := client.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	standard, ok := transport.(*http.Transport)
	if !ok {
		return nil
	}
	named := ""
	if standard.Proxy != nil {
		proxy, err := standard.Proxy(request)
		if err != nil {
			return nil
		}
		if proxy != nil {
			named = proxy.Scheme + "://" + proxy.Host
		}
	}
	return &named
}

// withoutURL removes the URL that net/http puts before its messages. It contains ids, and the core knows it.
func withoutURL(err error) error {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		return urlError.Err
	}
	return err
}

// failureKind returns the kind of a failure, by which the core decides whether to retry.
func failureKind(err error) string {
	var (
		dns      *net.DNSError
		op       *net.OpError
		timeout  net.Error
		verify   *tls.CertificateVerificationError
		alert    tls.AlertError
		record   tls.RecordHeaderError
		hostname x509.HostnameError
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
	)
	switch {
	// This is checked before timeouts: if a name was not resolved in time, the server did not see the request.
	case errors.As(err, &dns):
		return "dns"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"):
		return "connect"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &verify), errors.As(err, &alert), errors.As(err, &record), errors.As(err, &hostname),
		errors.As(err, &unknown), errors.As(err, &invalid):
		return "tls"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &op):
		return "interrupted"
	default:
		return "other"
	}
}
