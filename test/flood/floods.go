package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// flood is what strangers send; run sends it until ctx ends, and counts the requests.
type flood struct {
	name string
	run  func(ctx context.Context, at string) int
}

const (
	largest = 25 << 20
	usual   = 13 << 10 // mean of the payloads of the events that the App subscribes to
)

func floods() []flood {
	wrong := "sha256=" + strings.Repeat("0", 64)
	return []flood{
		{"none", func(ctx context.Context, _ string) int { <-ctx.Done(); return 0 }},
		{"unsigned, 25 MiB, 64 connections", func(ctx context.Context, at string) int {
			return many(ctx, 64, func() { request(ctx, at, "", largest) })
		}},
		{"badly signed, 25 MiB, 64 connections", func(ctx context.Context, at string) int {
			return many(ctx, 64, func() { request(ctx, at, wrong, largest) })
		}},
		{"badly signed, 13 KB, 64 connections", func(ctx context.Context, at string) int {
			return many(ctx, 64, func() { request(ctx, at, wrong, usual) })
		}},
		{"badly signed, 250 KB without the last byte, 64", func(ctx context.Context, at string) int {
			return many(ctx, 64, func() { slow(ctx, at, wrong, 250<<10, 250<<10-1) })
		}},
		{"500 slow clients", func(ctx context.Context, at string) int {
			return many(ctx, 500, func() { slow(ctx, at, wrong, usual, 1) })
		}},
	}
}

// many does something over and over, so many times at once.
func many(ctx context.Context, n int, do func()) int {
	var count atomic.Int64
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			for ctx.Err() == nil {
				do()
				count.Add(1)
			}
		})
	}
	group.Wait()
	return int(count.Load())
}

// strangers do not share the connections of GitHub.
var strangers = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}

// request sends a request as fast as it goes.
func request(ctx context.Context, at, signature string, length int64) {
	body := io.NopCloser(io.LimitReader(zeros{}, length))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at+"/webhook", body)
	if err != nil {
		return
	}
	req.ContentLength = length
	headers(req.Header, "flood", "push", signature)
	resp, err := strangers.Do(req)
	if err != nil {
		return // the server need not listen to the end
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func headers(h http.Header, guid, event, signature string) {
	h.Set("Content-Type", "application/json")
	h.Set("X-GitHub-Delivery", guid)
	h.Set("X-GitHub-Event", event)
	if signature != "" {
		h.Set("X-Hub-Signature-256", signature)
	}
}

// slow sends a part of what it announced, and then a byte a second until the server ends the connection.
func slow(ctx context.Context, at, signature string, length, first int) {
	to, err := url.Parse(at)
	if err != nil {
		return
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", to.Host)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	_, err = fmt.Fprintf(conn, "POST /webhook HTTP/1.1\r\nHost: x\r\nX-GitHub-Delivery: flood\r\nX-GitHub-Event: push\r\n"+
		"X-Hub-Signature-256: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		signature, length, strings.Repeat(" ", first))
	ended := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, conn); close(ended) }()
	for tick := time.NewTicker(time.Second); err == nil; _, err = conn.Write([]byte(" ")) {
		select {
		case <-ended:
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}

// good are deliveries as GitHub sends them.
type good struct {
	prefix  string
	mu      sync.Mutex
	took    []time.Duration
	guids   []string // of those that were taken
	refused int
	other   map[string]int // what was answered instead of 202, and how often
}

// send sends fifty deliveries a second, each over a connection that is free.
func (g *good) send(ctx context.Context, at string, d time.Duration) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 20}, Timeout: 10 * time.Second}
	text := `{"action":"created","repository":{"id":7,"full_name":"acme/app"},"installation":{"id":3},` +
		`"sender":{"login":"maria","id":9},"comment":{"id":1,"body":"hello"}}`
	body := []byte(text + strings.Repeat(" ", usual-len(text)))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	var group sync.WaitGroup
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := range int(d / (20 * time.Millisecond)) {
		<-tick.C
		if ctx.Err() != nil {
			break
		}
		group.Go(func() { g.one(client, at, fmt.Sprintf("%s-%d", g.prefix, i), signature, body) })
	}
	group.Wait()
}

func (g *good) one(client *http.Client, at, guid, signature string, body []byte) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, at+"/webhook", bytes.NewReader(body))
	if err != nil {
		return
	}
	headers(req.Header, guid, "issue_comment", signature)
	began := time.Now()
	resp, err := client.Do(req)
	took := time.Since(began)
	answer := ""
	if err == nil {
		answer = resp.Status
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.took = append(g.took, took)
	if err != nil || resp.StatusCode != http.StatusAccepted {
		g.refused++
		if err != nil {
			answer = errors.Unwrap(err).Error() // without the address
		}
		if g.other == nil {
			g.other = map[string]int{}
		}
		g.other[answer]++
		return
	}
	g.guids = append(g.guids, guid)
}

// at is the time that so many of a hundred deliveries took at most.
func (g *good) at(percent int) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.took) == 0 {
		return 0
	}
	slices.Sort(g.took)
	return g.took[(len(g.took)-1)*percent/100]
}

// free is an address on which nobody listens.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// ready waits until the server answers.
func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.at+"/readyz", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return errors.New("it is not ready in time")
		case <-tick.C:
		}
	}
}
