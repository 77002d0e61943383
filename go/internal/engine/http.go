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
)

// sender performs requests.
type sender struct {
	client *http.Client
	// maxResponse bounds the body of one response; two copies of it must fit into the core's memory.
	maxResponse int64
}

// send performs one request. Whatever happens, it returns: also when the transport panics, which may be the caller's own.
func (s sender) send(ctx context.Context, request *httpRequest) (ev event) {
	defer func() {
		if cause := recover(); cause != nil {
			ev = failed("other", fmt.Sprintf("the HTTP transport panicked: %v", cause))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, millis(request.TimeoutMs))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, request.Method, request.URL, bytes.NewReader(request.body))
	if err != nil {
		return failed("invalid_request", withoutURL(err).Error())
	}
	for _, header := range request.Headers {
		req.Header.Set(header[0], header[1])
	}
	response, err := s.client.Do(req)
	if err != nil {
		return failureEvent(err)
	}
	defer response.Body.Close()
	if response.ContentLength > s.maxResponse {
		return tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, s.maxResponse+1))
	if err != nil {
		return failureEvent(err)
	}
	if int64(len(body)) > s.maxResponse {
		return tooLarge
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

func failed(kind, message string) event {
	return event{header: failureHeader{failure{Kind: kind, Message: message}}}
}

var tooLarge = failed("too_large", "the response is too large")

func failureEvent(err error) event {
	err = withoutURL(err)
	return failed(failureKind(err), err.Error())
}

// withoutURL drops the URL that net/http puts before its messages: it holds ids, and the core knows it.
func withoutURL(err error) error {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		return urlError.Err
	}
	return err
}

// failureKind names the kind by which the core decides whether to try again.
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
	// Before the timeouts: a name that did not resolve in time is a request that the server never saw.
	case errors.As(err, &dns), errors.As(err, &op) && op.Op == "dial":
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
