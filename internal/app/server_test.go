package app

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheOldestConnectionGivesWayToANewOne(t *testing.T) {
	g := newGround(t, http.NotFoundHandler())
	silent, used := g.dial(), g.dial()
	g.ask(used)
	for range mostConnections - 1 {
		g.ask(g.dial())
	}
	if n, err := silent.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Errorf("the connection that said nothing is open: %d, %v", n, err)
	}
	g.ask(used)
}

// A connection whose request was refused unread stays for half a second, so that its client can read the refusal.
func TestConnectionsThatWereRefusedGiveWayFirst(t *testing.T) {
	g := newGround(t, http.NotFoundHandler())
	used := g.dial()
	g.ask(used)
	for range 2 * mostConnections {
		conn := g.dial()
		if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 26214400\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		g.answer(conn)
	}
	g.ask(used)
}

type ground struct {
	*testing.T
	at string
}

func newGround(t *testing.T, h http.Handler) ground {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, done := NewServer(h), make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close(); <-done })
	return ground{t, listener.Addr().String()}
}

func (g ground) dial() net.Conn {
	g.Helper()
	conn, err := net.Dial("tcp", g.at)
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(func() { conn.Close() })
	return conn
}

func (g ground) ask(conn net.Conn) {
	g.Helper()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		g.Fatal(err)
	}
	g.answer(conn)
}

func (g ground) answer(conn net.Conn) {
	g.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusNotFound {
		g.Fatal(resp, err)
	}
	resp.Body.Close()
}

func TestHeadersWithoutEndAreRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewServer(http.NotFoundHandler()).Server
	server.Start()
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Long", strings.Repeat("x", 3*mostHeader))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("answered %d", resp.StatusCode)
	}
}
