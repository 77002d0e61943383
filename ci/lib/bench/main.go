// Measures the Go package for ci/bench.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/opwire/opwire/go"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	start, err := strconv.ParseFloat(os.Getenv("BENCH_START_MS"), 64)
	if err != nil {
		return err
	}
	sinceStart := func() float64 { return float64(time.Now().UnixMicro())/1000 - start }
	text, err := os.ReadFile(os.Getenv("BENCH_REFERENCES"))
	if err != nil {
		return err
	}
	references := strings.Fields(string(text))

	client, err := opwire.NewClient(ctx,
		opwire.WithServiceAccountToken(os.Getenv("OP_SERVICE_ACCOUNT_TOKEN")),
		opwire.WithIntegrationInfo("Bench", "v1.0.0"),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	ready := sinceStart()
	if _, err := client.Secrets().Resolve(ctx, references[0]); err != nil {
		return err
	}
	first := sinceStart()

	times := make([]float64, len(references))
	for i, reference := range references {
		began := time.Now()
		if _, err := client.Secrets().Resolve(ctx, reference); err != nil {
			return err
		}
		times[i] = milliseconds(time.Since(began))
	}
	sort.Float64s(times)

	began := time.Now()
	var group sync.WaitGroup
	failures := make(chan error, len(references))
	for _, reference := range references {
		group.Add(1)
		go func() {
			defer group.Done()
			if _, err := client.Secrets().Resolve(ctx, reference); err != nil {
				failures <- err
			}
		}()
	}
	group.Wait()
	fifty := milliseconds(time.Since(began))
	select {
	case err := <-failures:
		return err
	default:
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"ready": ready, "first": first, "warm": times[len(times)/2], "fifty": fifty,
	})
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration.Microseconds()) / 1000
}
