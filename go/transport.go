package opwire

import "net/http"

// maxIdleConns is the number of idle connections to the account server that are kept: enough for a hundred concurrent
// calls over HTTP/1.1.
const maxIdleConns = 100

// defaultTransport returns a new transport with the settings of Go's default one: HTTP/2, proxies from the environment,
// the system's certificates and SSL_CERT_FILE. If the program replaced Go's default transport, it is used instead.
func defaultTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	transport := standard.Clone()
	transport.MaxIdleConns = maxIdleConns
	transport.MaxIdleConnsPerHost = maxIdleConns
	return transport
}

func withoutRedirects(client *http.Client) *http.Client {
	changed := *client
	changed.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &changed
}
