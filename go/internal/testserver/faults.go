package testserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Rule describes which requests fail, and how. crates/op-testkit describes the members.
type Rule struct {
	Match      string `json:"match"`
	Fault      string `json:"fault"`
	Status     int    `json:"status,omitempty"`
	RetryAfter int    `json:"retryAfter,omitempty"`
}

// FaultProxy is a running `opwire-faults` in front of a server. Its token signs in through the proxy.
type FaultProxy struct {
	Token string

	control string
	command *exec.Cmd
	dir     string
}

// StartFaultProxy starts a proxy in front of s. Its binary is in the folder of the server's.
func StartFaultProxy(s *Server) (*FaultProxy, error) {
	server, err := findBinary()
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(filepath.Dir(server), "opwire-faults")
	if _, err := os.Stat(binary); err != nil {
		return nil, fmt.Errorf("the tests need %s: run ci/setup", binary)
	}
	dir, err := os.MkdirTemp("", "opwire-faults-")
	if err != nil {
		return nil, err
	}
	p := &FaultProxy{dir: dir}
	serverEnv, env := filepath.Join(dir, "server"), filepath.Join(dir, "env")
	if err := os.WriteFile(serverEnv, []byte("OP_SERVICE_ACCOUNT_TOKEN="+s.Token+"\n"), 0o600); err != nil {
		return nil, err
	}
	p.command = exec.Command(binary, "--server-env", serverEnv, "--env-file", env)
	p.command.Stderr = os.Stderr
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	values, err := awaitEnv(env)
	if err != nil {
		p.Stop()
		return nil, err
	}
	p.Token, p.control = values["OP_SERVICE_ACCOUNT_TOKEN"], values["OPWIRE_FAULTS"]
	return p, nil
}

// Stop ends the proxy and removes its files.
func (p *FaultProxy) Stop() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
	_ = os.RemoveAll(p.dir)
}

// Inject replaces the rules.
func (p *FaultProxy) Inject(rules ...Rule) error {
	text, err := json.Marshal(append([]Rule{}, rules...))
	if err != nil {
		return err
	}
	return p.call(http.MethodPut, "/faults", text, nil)
}

// TakeRequests returns the requests since its last call, as `METHOD /path?query`.
func (p *FaultProxy) TakeRequests() (requests []string, err error) {
	err = p.call(http.MethodDelete, "/requests", nil, &requests)
	return requests, err
}

// Connections returns how many connections are open, and how many requests are stalled.
func (p *FaultProxy) Connections() (open, stalled int, err error) {
	var counts struct{ Open, Stalled int }
	err = p.call(http.MethodGet, "/connections", nil, &counts)
	return counts.Open, counts.Stalled, err
}

func (p *FaultProxy) call(method, path string, body []byte, result any) error {
	request, err := http.NewRequest(method, p.control+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(text, result)
}

func awaitEnv(file string) (map[string]string, error) {
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if values := readEnv(file); values != nil {
			return values, nil
		}
	}
	return nil, fmt.Errorf("%s was not written within %v", file, startTimeout)
}
