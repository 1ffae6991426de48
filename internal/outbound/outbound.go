// Package outbound makes connections to hosts whose names come from other people: from files of repositories, and from
// the answers of servers that those files name. They must lead to no service inside the network that Slipway runs in,
// nor to the metadata of its cloud. What is checked is the address that is connected to, so that neither a name that
// resolves to such an address nor a redirect leads there.
package outbound

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

// patience is how long a connection may take to be made.
const patience = 30 * time.Second

// Dialer connects to public addresses, and to the hosts that the operator named.
type Dialer struct {
	// Internal are hosts, as they are named in addresses, that may have any address.
	Internal []string
	// Resolver is nil for the one of the system.
	Resolver *net.Resolver
}

// Transport makes requests through the dialer. Where the environment names a proxy (HTTPS_PROXY), it is asked instead,
// and which addresses can be reached through it is its operator's business.
func (d Dialer) Transport(environment func(string) (string, bool)) *http.Transport {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		text, _ := environment(name)
		if !strings.Contains(text, "://") {
			text = "http://" + text // as net/http reads it
		}
		if proxy, err := url.Parse(text); err == nil && proxy.Hostname() != "" {
			d.Internal = append(slices.Clone(d.Internal), proxy.Hostname())
		}
	}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: d.Dial, ForceAttemptHTTP2: true, MaxIdleConns: 20,
		IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// Dial connects to HOST:PORT. The error is a *step.NotAsked where the host has an address that is not public.
func (d Dialer) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: patience, Resolver: d.Resolver}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(d.Internal, func(one string) bool { return strings.EqualFold(one, host) }) {
		dialer.Control = func(_, to string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(to)
			if err != nil {
				return err
			}
			if class := inside(at.Addr()); class != "" {
				return &step.NotAsked{
					Why:  fmt.Sprintf("%s has the address %s, which is %s", host, at.Addr(), class),
					Line: "internal-hosts: [" + host + "]",
				}
			}
			return nil
		}
	}
	return dialer.DialContext(ctx, network, address)
}

// ranges are addresses that lead inside, or nowhere (IANA's registries of special-purpose addresses, RFC 6890).
var ranges = []struct {
	class string
	in    []netip.Prefix
}{
	{"of this machine", prefixes("127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128")},
	{"private", prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")},
	{"link-local, where clouds keep their metadata", prefixes("169.254.0.0/16", "fe80::/10")},
	{"shared by a provider", prefixes("100.64.0.0/10")},
	// 192.0.0.192 and 168.63.129.16 are services of Oracle's and Microsoft's clouds.
	{"of the network itself", prefixes("192.0.0.0/24", "168.63.129.16/32")},
	{"multicast", prefixes("224.0.0.0/4", "ff00::/8")},
	{"reserved", prefixes("198.18.0.0/15", "240.0.0.0/4", "64:ff9b:1::/48", "2001::/32", "100::/64")},
}

// embedded are the ranges of IPv6 that hold an IPv4 address, and after how many bytes: IPv4-compatible (RFC 4291),
// NAT64 (RFC 6052) and 6to4 (RFC 3056).
var embedded = []struct {
	in    netip.Prefix
	after int
}{
	{netip.MustParsePrefix("::/96"), 12}, {netip.MustParsePrefix("64:ff9b::/96"), 12},
	{netip.MustParsePrefix("2002::/16"), 2},
}

func prefixes(all ...string) (out []netip.Prefix) {
	for _, one := range all {
		out = append(out, netip.MustParsePrefix(one))
	}
	return out
}

// inside says, in a few words, which kind of address it is that is not public; it is empty for one that is.
func inside(at netip.Addr) string {
	at = at.Unmap().WithZone("")
	for _, r := range ranges {
		if slices.ContainsFunc(r.in, func(p netip.Prefix) bool { return p.Contains(at) }) {
			return r.class
		}
	}
	for _, e := range embedded {
		if e.in.Contains(at) {
			bytes := at.As16()
			return inside(netip.AddrFrom4([4]byte(bytes[e.after : e.after+4])))
		}
	}
	return ""
}
