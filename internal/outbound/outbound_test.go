package outbound

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/release/step"
)

func none(string) (string, bool) { return "", false }

func TestOnlyPublicAddressesAreConnectedTo(t *testing.T) {
	for _, at := range []string{
		"127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"fc00::1", "fd00::8", "fd00:ec2::254", "fec0::1", "169.254.169.254", "fe80::1", "fe80::1%eth0", "100.64.0.1",
		"100.100.100.200", "100.127.255.255", "192.0.0.192", "168.63.129.16", "224.0.0.1", "239.1.1.1", "ff02::1",
		"255.255.255.255", "240.0.0.1", "198.18.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",
		"::127.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "2002:7f00:1::",
		"2002:a00:1::1", "2001:0:1::1",
	} {
		if inside(netip.MustParseAddr(at)) == "" {
			t.Errorf("%s counts as public", at)
		}
		_, err := Dialer{}.Dial(t.Context(), "tcp", net.JoinHostPort(at, "443"))
		if _, is := errors.AsType[*step.NotAsked](err); !is {
			t.Errorf("%s: %v", at, err)
		}
	}
	for _, at := range []string{
		"8.8.8.8", "140.82.121.4", "172.32.0.1", "100.63.255.255", "100.128.0.1", "2606:50c0:8000::153",
		"64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1",
	} {
		if class := inside(netip.MustParseAddr(at)); class != "" {
			t.Errorf("%s counts as %s", at, class)
		}
	}
}

func TestARedirectLeadsToNoAddressInside(t *testing.T) {
	asked := false
	victim := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer victim.Close()
	registry := httptest.NewServer(http.RedirectHandler(victim.URL, http.StatusTemporaryRedirect))
	defer registry.Close()
	at, err := url.Parse(registry.URL)
	if err != nil {
		t.Fatal(err)
	}
	// The operator named "registry", which is on this machine; the redirect leads to 127.0.0.1 by its address.
	resolver := answering(t, "127.0.0.1")
	client := http.Client{Transport: Dialer{Internal: []string{"registry.test"}, Resolver: resolver}.Transport(none)}
	_, err = client.Get("http://registry.test:" + at.Port())
	if _, is := errors.AsType[*step.NotAsked](err); !is || asked {
		t.Errorf("asked: %v, %v", asked, err)
	}
}

func TestANameThatResolvesToAnAddressInsideIsRefused(t *testing.T) {
	for _, at := range []string{"10.0.0.1", "127.0.0.1", "169.254.169.254"} {
		client := http.Client{Transport: Dialer{Resolver: answering(t, at)}.Transport(none)}
		_, err := client.Get("https://images.test/v2/")
		refused, is := errors.AsType[*step.NotAsked](err)
		if !is || !strings.Contains(refused.Why, "images.test has the address "+at) ||
			refused.Line != "internal-hosts: [images.test]" {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestAProxyOfTheEnvironmentMayStandInside(t *testing.T) {
	proxy := httptest.NewServer(http.NotFoundHandler())
	defer proxy.Close()
	address := strings.TrimPrefix(proxy.URL, "http://")
	for _, text := range []string{proxy.URL, address, ""} {
		transport := Dialer{}.Transport(func(name string) (string, bool) { return text, name == "HTTPS_PROXY" })
		conn, err := transport.DialContext(t.Context(), "tcp", address)
		if err == nil {
			conn.Close()
		}
		if (err == nil) != (text != "") {
			t.Errorf("with the proxy %q: %v", text, err)
		}
	}
}

// answering is a resolver by which every name has that one address of IPv4.
func answering(t *testing.T, address string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		packet := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(packet)
			if err != nil {
				return
			}
			if n < 17 {
				continue
			}
			// RFC 1035: the question again, with an answer where it was of type A.
			end := 12
			for end < n && packet[end] != 0 {
				end += int(packet[end]) + 1
			}
			end += 5
			answer := append([]byte{}, packet[:end]...)
			binary.BigEndian.PutUint16(answer[2:], 0x8180)
			binary.BigEndian.PutUint16(answer[6:], 0)
			binary.BigEndian.PutUint16(answer[8:], 0)
			binary.BigEndian.PutUint16(answer[10:], 0)
			if packet[end-3] == 1 {
				binary.BigEndian.PutUint16(answer[6:], 1)
				ip := netip.MustParseAddr(address).As4()
				answer = append(append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4), ip[:]...)
			}
			_, _ = server.WriteTo(answer, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}
