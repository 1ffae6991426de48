package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// out is a stream that a test may read while it is written.
type out struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *out) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// line waits for a log line that holds the text.
func (o *out) line(ctx context.Context, text string) (map[string]any, error) {
	for ctx.Err() == nil {
		o.mu.Lock()
		lines := strings.Split(o.b.String(), "\n")
		o.mu.Unlock()
		for _, l := range lines {
			var fields map[string]any
			if strings.Contains(l, text) && json.Unmarshal([]byte(l), &fields) == nil {
				return fields, nil
			}
		}
	}
	return nil, fmt.Errorf("wait for %q in the log: %w", text, ctx.Err())
}

// serve runs from its configuration file against a GitHub, takes a command, and drains when it is told to stop.
func TestServeDrivesAReleaseAndDrains(t *testing.T) {
	ground, err := demo.Ground(t.Context(),
		demo.StageOptions{Clock: time.Now, Log: zerolog.Nop(), Seed: demo.FalcoLibs()})
	if err != nil {
		t.Fatal(err)
	}
	defer ground.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), ground.Key, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf("listen: 127.0.0.1:0\ngithub:\n  app-id: 4711\n  private-key-file: %s\n  webhook-secrets: "+
		"[s3cr3t]\n  api: %s/api/v3/\ndatabase: sqlite:%s\n",
		filepath.Join(dir, "key.pem"), ground.URL, filepath.Join(dir, "slipway.db"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(t.Context())
	var log out
	code := make(chan int, 1)
	go func() {
		code <- run(running, []string{"serve", "--config", file}, func(string) (string, bool) { return "", false }, nil,
			&log, &log)
	}()
	patience, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	listening, err := log.line(patience, "listening")
	if err != nil {
		t.Fatal(err)
	}
	at := "http://" + listening["address"].(string)
	for _, path := range []string{"/healthz", "/readyz"} {
		resp, err := http.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", path, resp.StatusCode)
		}
	}
	ground.Sandbox.SetHook(sandbox.HookTarget{URL: at + "/webhook", Secret: "s3cr3t", Client: &http.Client{}})
	if _, err := ground.Sandbox.As(demo.Maria).Comment(t.Context(), demo.Libs, demo.Tracking,
		"/release prepare"); err != nil {
		t.Fatal(err)
	}
	if _, err := log.line(patience, "step observed"); err != nil {
		t.Error(err)
	}
	stop()
	select {
	case got := <-code:
		if got != 0 {
			t.Errorf("serve ended with %d:\n%s", got, log.b.String())
		}
	case <-patience.Done():
		t.Fatal("serve did not end")
	}
	if _, err := net.Dial("tcp", listening["address"].(string)); err == nil {
		t.Error("it still listens")
	}
	if strings.Contains(log.b.String(), "s3cr3t") || strings.Contains(log.b.String(), "PRIVATE KEY") {
		t.Error("a secret is in the log")
	}
}
