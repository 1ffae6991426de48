package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/goproxy"
	"github.com/slipway-dev/slipway/internal/registry"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// settings are what the child is told.
type settings struct {
	Key, Secret, URL, Listen, Database string
}

// child is the bot as a process of its own: it is this test binary, started again.
func child() int {
	var s settings
	if err := json.Unmarshal([]byte(os.Getenv("SLIPWAY_FAULTS_CHILD")), &s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx := context.Background()
	clock := demo.NewClock(fixed)
	bot, err := app.New(ctx, app.Options{
		AppID: 4711, PrivateKey: []byte(s.Key), WebhookSecrets: []string{s.Secret}, V3URL: s.URL +
			"/api/v3/", Database: s.Database,
		Clock: clock.Now, Log: zerolog.Nop(), Queue: 2 * time.Millisecond, Retry: func(int) time.Duration {
			return time.Millisecond
		}, Sleep: clock.Sleep,
		// a long story would wait for its next minute, and look as if it rested
		Pace:   github.Pace{PerMinute: 1_000_000, PerHour: 1_000_000},
		Copies: conversation.NewCopies((*demo.Stage)(nil).RecoveryKeys()),
		Modules: goproxy.Client{URL: s.URL + sandbox.ProxyPath,
			HTTP: &http.Client{}},
		Images: registry.Client{Transport: sandbox.Registries(s.URL, nil), Registries: registry.Public()},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	mux := http.NewServeMux()
	mux.Handle("/", bot.Handler())
	mux.HandleFunc("GET /rest", func(w http.ResponseWriter, r *http.Request) {
		if err := clock.Rest(r.Context(), bot.Store, longest); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	// What was sent while the process was dead never came: it asks for it again, as serve does at its start.
	mux.HandleFunc("GET /reconcile", func(w http.ResponseWriter, r *http.Request) {
		if err := bot.CatchUp(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	go func() { _ = http.Serve(listener, mux) }()
	if err := bot.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// doomed is a child that is killed at one of its calls, and started again.
type doomed struct {
	t        *testing.T
	settings settings
	mu       sync.Mutex
	cmd      *exec.Cmd
	calls    atomic.Int64
	at       int64
	kind     kind
	died     atomic.Bool
}

func (p *doomed) start() {
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := json.Marshal(p.settings)
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "SLIPWAY_FAULTS_CHILD="+string(text))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.cmd = cmd
	p.mu.Unlock()
}

// kill ends the child as the kernel does for want of memory.
func (p *doomed) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *doomed) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/v3/") || p.calls.Add(1) != p.at {
			next.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if p.kind == after {
			next.ServeHTTP(discard{http.Header{}}, r.WithContext(context.WithoutCancel(r.Context())))
		}
		p.kill()
		p.died.Store(true)
		panic(http.ErrAbortHandler)
	})
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)               {}

// ask calls the child until it answers; a child that died is started again.
func (p *doomed) ask(ctx context.Context, path string) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.settings.Listen+path, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			text, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("%s: %s", path, text)
		}
		if ctx.Err() != nil {
			return err
		}
		if p.died.CompareAndSwap(true, false) {
			p.start()
		}
		select { // the child needs a moment to listen: a refused connection says so at once
		case <-ctx.Done():
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// runKilled plays a story against a child process that is killed at one call.
func runKilled(t *testing.T, story story, at int64, k kind) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p := &doomed{t: t, kind: k}
	ground, err := demo.Ground(ctx, demo.StageOptions{Clock: fixed, TokenLife: ages, Log: zerolog.Nop(),
		Seed: story.seed(), Front: p.wrap})
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.settings = settings{
		Key: string(ground.Key), Secret: "s", URL: ground.URL, Listen: free.Addr().String(),
		Database: "sqlite:" + filepath.Join(t.TempDir(), "slipway.db"),
	}
	_ = free.Close()
	ground.Sandbox.SetHook(sandbox.HookTarget{URL: "http://" + p.settings.Listen + "/webhook", Secret: "s",
		Client: &http.Client{}})
	p.start()
	defer func() {
		p.kill()
		if err := ground.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := p.ask(ctx, "/healthz"); err != nil {
		t.Fatal(err)
	}
	p.calls.Store(0)
	p.at = at
	text, err := story.play(ctx, ground.Sandbox, func() error {
		ground.Sandbox.Flush()
		for _, path := range []string{"/rest", "/reconcile"} {
			if err := p.ask(ctx, path); err != nil {
				return err
			}
			ground.Sandbox.Flush()
		}
		return p.ask(ctx, "/rest")
	})
	if err != nil {
		t.Errorf("call %d %s: %v", at, k, err)
	}
	return text
}
