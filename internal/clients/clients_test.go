package clients_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/clients"
)

func TestEachClientHasItsOwnLimit(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	l := &clients.Limit{
		PerMinute: 2, Clock: func() time.Time { return now },
		Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}
	h := l.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	ask := func(from string, forwarded ...string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = from
		for _, f := range forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	want := func(what string, resp *http.Response, status int) {
		t.Helper()
		if resp.StatusCode != status {
			t.Errorf("%s: answered %d, not %d", what, resp.StatusCode, status)
		}
	}
	for range 2 {
		want("a client", ask("192.0.2.1:1"), http.StatusOK)
	}
	now = now.Add(20 * time.Second)
	refused := ask("192.0.2.1:2")
	want("the same from another port", refused, http.StatusTooManyRequests)
	if got := refused.Header.Get("Retry-After"); got != "40" {
		t.Errorf("it is told to wait %s seconds", got)
	}
	want("the same, which says that it is another", ask("192.0.2.1:2", "198.51.100.7"), http.StatusTooManyRequests)
	want("the same in IPv6", ask("[::ffff:192.0.2.1]:2"), http.StatusTooManyRequests)
	want("another", ask("192.0.2.2:1"), http.StatusOK)
	want("the same through a proxy", ask("10.0.0.1:1", "192.0.2.1"), http.StatusTooManyRequests)
	want("the same through two, behind what it says", ask("10.0.0.1:1", "203.0.113.9, 192.0.2.1", "10.0.0.2"),
		http.StatusTooManyRequests)
	for range 2 {
		want("another through a proxy", ask("10.0.0.1:1", "203.0.113.9"), http.StatusOK)
	}
	want("the other through another proxy", ask("10.9.9.9:1", "203.0.113.9"), http.StatusTooManyRequests)
	for i := range 2 {
		want("a network", ask(fmt.Sprintf("[2001:db8::%d]:1", i+1)), http.StatusOK)
	}
	want("another host of the network", ask("[2001:db8::ffff]:1"), http.StatusTooManyRequests)
	want("another network", ask("[2001:db8:0:1::1]:1"), http.StatusOK)
	now = now.Add(40 * time.Second)
	want("a minute later", ask("192.0.2.1:1"), http.StatusOK)
}

func TestManyClientsTakeABoundedPartOfTheMemory(t *testing.T) {
	l := &clients.Limit{PerMinute: 1, Clock: func() time.Time { return time.Unix(1, 0) }}
	h := l.Handler(http.NotFoundHandler())
	refused := 0
	for i := range 10_100 {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = fmt.Sprintf("192.%d.%d.%d:1", i>>16, i>>8&255, i&255)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 99 {
		t.Errorf("%d clients were refused, and 99 share the one count", refused)
	}
}
