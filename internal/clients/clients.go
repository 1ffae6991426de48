// Package clients tells those who ask the server apart, and bounds how often each may ask.
package clients

import (
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// window is the time over which requests are counted.
const window = time.Minute

// mostClients is how many are told apart in one window; those beyond share one count.
const mostClients = 10_000

// Limit bounds the requests of each client. Its fields never change.
type Limit struct {
	PerMinute int
	// Proxies are the addresses of proxies of our own: what they say of whom they ask for is believed
	// (X-Forwarded-For). Nobody else is: a client could write any address there.
	Proxies []netip.Prefix
	Clock   func() time.Time

	mu    sync.Mutex
	since time.Time
	asked map[netip.Prefix]int
}

// Handler answers 429 to a client that asks too often, and lets everything else through to h.
func (l *Limit) Handler(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait, ok := l.ask(l.client(r)); !ok {
			w.Header().Set("Retry-After", fmt.Sprint(int(math.Ceil(wait.Seconds()))))
			http.Error(w, fmt.Sprintf("more than %d requests in a minute; try again later", l.PerMinute),
				http.StatusTooManyRequests)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// ask counts a request; ok is false where there were too many, until wait is over.
func (l *Limit) ask(client netip.Prefix) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Clock()
	if l.asked == nil || now.Sub(l.since) >= window || now.Before(l.since) {
		l.since, l.asked = now, map[netip.Prefix]int{}
	}
	if _, known := l.asked[client]; !known && len(l.asked) >= mostClients {
		client = netip.Prefix{}
	}
	if l.asked[client] >= l.PerMinute {
		return l.since.Add(window).Sub(now), false
	}
	l.asked[client]++
	return 0, true
}

// client is who asks: an address, or the network of an IPv6 address, which is what one customer gets (RFC 6177).
func (l *Limit) client(r *http.Request) netip.Prefix {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	at := remote.Addr().Unmap()
	// Each proxy appends whom it asks for: the last address that is no proxy of ours is the client.
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(said) {
		if !l.proxy(at) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			break
		}
		at = before.Unmap()
	}
	bits := 32
	if at.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(at.WithZone(""), bits).Masked()
}

func (l *Limit) proxy(at netip.Addr) bool {
	return slices.ContainsFunc(l.Proxies, func(p netip.Prefix) bool { return p.Contains(at) })
}
