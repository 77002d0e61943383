// One scenario of ci/bench with the public Go SDK, or with opwire's package, for which only the import is changed.
package main

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	sdk "github.com/1password/onepassword-sdk-go"
	"golang.org/x/sync/errgroup"
)

const (
	repeats     = 5
	fileBytes   = 8 << 20
	fileRepeats = 3
)

type result struct {
	Ready float64   `json:"ready"`
	First float64   `json:"first"`
	Times []float64 `json:"times"`
	Items int       `json:"items,omitempty"`
	// Of files, beside Times for reading.
	Writes []float64 `json:"writes,omitempty"`
}

func main() {
	run := scenario
	switch os.Getenv("BENCH_SCENARIO") {
	case "bare":
		run = bare
	case "list":
		run = list
	case "bare_list":
		run = bareList
	case "files":
		run = files
	}
	measured, err := run(context.Background())
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(measured)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func scenario(ctx context.Context) (result, error) {
	started, err := strconv.ParseFloat(os.Getenv("BENCH_START_MS"), 64)
	if err != nil {
		return result{}, err
	}
	sinceStart := func() float64 { return float64(time.Now().UnixMicro())/1000 - started }
	text, err := os.ReadFile(os.Getenv("BENCH_REFERENCES"))
	if err != nil {
		return result{}, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")

	client, err := signIn(ctx)
	if err != nil {
		return result{}, err
	}
	measured := result{Ready: sinceStart()}
	if _, err := client.Secrets().Resolve(ctx, lines[0]); err != nil {
		return result{}, err
	}
	measured.First = sinceStart()
	measured.Times, err = times(ctx, client, lines)
	return measured, err
}

func times(ctx context.Context, client *sdk.Client, lines []string) ([]float64, error) {
	switch name := os.Getenv("BENCH_SCENARIO"); name {
	case "start":
		return []float64{}, nil
	case "one_by_one":
		return repeated(4*len(lines), func(n int) error {
			_, err := client.Secrets().Resolve(ctx, lines[n%len(lines)])
			return err
		})
	case "at_once":
		return repeated(repeats, func(int) error {
			var group errgroup.Group
			for _, line := range lines {
				group.Go(func() error {
					_, err := client.Secrets().Resolve(ctx, line)
					return err
				})
			}
			return group.Wait()
		})
	case "all":
		return repeated(repeats, func(int) error {
			_, err := client.Secrets().ResolveAll(ctx, lines)
			return err
		})
	default:
		return nil, fmt.Errorf("unknown scenario %q", name)
	}
}

func signIn(ctx context.Context) (*sdk.Client, error) {
	return sdk.NewClient(ctx,
		sdk.WithServiceAccountToken(os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")),
		sdk.WithIntegrationInfo("Bench", "v1.0.0"),
	)
}

func list(ctx context.Context) (result, error) {
	client, err := signIn(ctx)
	if err != nil {
		return result{}, err
	}
	return repeatedFor(func() (int, error) {
		items, err := client.Items().List(ctx, os.Getenv("BENCH_VAULT"))
		return len(items), err
	})
}

// files makes Documents of random bytes, and reads each.
func files(ctx context.Context) (measured result, err error) {
	client, err := signIn(ctx)
	if err != nil {
		return measured, err
	}
	text, err := os.ReadFile(os.Getenv("BENCH_REFERENCES"))
	if err != nil {
		return measured, err
	}
	vault, content := strings.Split(string(text), "/")[2], make([]byte, fileBytes)
	if _, err := rand.Read(content); err != nil {
		return measured, err
	}
	for range fileRepeats {
		var item sdk.Item
		writes, err := repeated(1, func(int) error {
			item, err = client.Items().Create(ctx, sdk.ItemCreateParams{
				Category: sdk.ItemCategoryDocument, VaultID: vault, Title: "Bench",
				Document: &sdk.DocumentCreateParams{Name: "bench.bin", Content: content},
			})
			return err
		})
		if err != nil {
			return measured, err
		}
		var read []byte
		reads, err := repeated(1, func(int) error {
			read, err = client.Items().Files().Read(ctx, vault, item.ID, *item.Document)
			return err
		})
		if err != nil {
			return measured, err
		}
		if !bytes.Equal(read, content) {
			return measured, errors.New("other bytes came back")
		}
		measured.Writes, measured.Times = append(measured.Writes, writes...), append(measured.Times, reads...)
		if err := client.Items().Delete(ctx, vault, item.ID); err != nil {
			return measured, err
		}
	}
	return measured, nil
}

type sealed struct {
	IV   string `json:"iv"`
	Data string `json:"data"`
}

func (s sealed) open(key cipher.AEAD) ([]byte, error) {
	iv, err := base64.RawURLEncoding.DecodeString(s.IV)
	if err != nil {
		return nil, err
	}
	data, err := base64.RawURLEncoding.DecodeString(s.Data)
	if err != nil {
		return nil, err
	}
	return key.Open(data[:0], iv, data, nil)
}

func aead(text string) (cipher.AEAD, error) {
	key, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// bareList fetches what a vault's list is made of, and decrypts it by the standard library, with nothing else done.
func bareList(ctx context.Context) (result, error) {
	text, err := os.ReadFile(os.Getenv("BENCH_LIST"))
	if err != nil {
		return result{}, err
	}
	var wanted struct {
		URL                  string
		Headers              map[string]string
		SessionKey, VaultKey string
	}
	if err := json.Unmarshal(text, &wanted); err != nil {
		return result{}, err
	}
	session, err := aead(wanted.SessionKey)
	if err != nil {
		return result{}, err
	}
	vault, err := aead(wanted.VaultKey)
	if err != nil {
		return result{}, err
	}
	return repeatedFor(func() (int, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, wanted.URL, nil)
		if err != nil {
			return 0, err
		}
		for name, value := range wanted.Headers {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		var answer sealed
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			return 0, err
		}
		plain, err := answer.open(session)
		if err != nil {
			return 0, err
		}
		var listing struct {
			Items []struct {
				EncOverview sealed `json:"encOverview"`
			} `json:"items"`
		}
		if err := json.Unmarshal(plain, &listing); err != nil {
			return 0, err
		}
		for _, item := range listing.Items {
			if _, err := item.EncOverview.open(vault); err != nil {
				return 0, err
			}
		}
		return len(listing.Items), nil
	})
}

func repeatedFor(work func() (int, error)) (result, error) {
	seconds, err := strconv.ParseFloat(os.Getenv("BENCH_SECONDS"), 64)
	if err != nil {
		return result{}, err
	}
	items, err := work()
	if err != nil {
		return result{}, err
	}
	measured := result{Items: items}
	until := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	for time.Now().Before(until) || len(measured.Times) < 3 {
		times, err := repeated(1, func(int) error {
			_, err := work()
			return err
		})
		if err != nil {
			return result{}, err
		}
		measured.Times = append(measured.Times, times...)
	}
	return measured, nil
}

func bare(ctx context.Context) (result, error) {
	text, err := os.ReadFile(os.Getenv("BENCH_REQUEST"))
	if err != nil {
		return result{}, err
	}
	var wanted struct {
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(text, &wanted); err != nil {
		return result{}, err
	}
	get := func(int) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, wanted.URL, nil)
		if err != nil {
			return err
		}
		for name, value := range wanted.Headers {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	if err := get(0); err != nil {
		return result{}, err
	}
	measured, err := repeated(200, get)
	return result{Times: measured}, err
}

func repeated(count int, work func(n int) error) ([]float64, error) {
	measured := make([]float64, count)
	for n := range measured {
		began := time.Now()
		if err := work(n); err != nil {
			return nil, err
		}
		measured[n] = float64(time.Since(began).Microseconds()) / 1000
	}
	return measured, nil
}
