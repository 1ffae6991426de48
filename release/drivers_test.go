package release_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release"
)

// Each line is PREVIOUS API SCHEMA -> API SCHEMA NEXT: the driver releases of falcosecurity/libs, each computed
// from what its two files held at the tag before.
func TestNextDriverGivesTheVersionsThatWereReleased(t *testing.T) {
	const transitions = `
		2.0.0  1.0.0  2.0.0  -> 2.0.0  2.1.0  3.0.0
		3.0.0  2.0.0  2.1.0  -> 2.0.0  2.1.0  3.0.1
		3.0.1  2.0.0  2.1.0  -> 3.0.0  2.2.0  4.0.0
		4.0.0  3.0.0  2.2.0  -> 3.0.1  2.2.0  4.0.1
		4.0.1  3.0.1  2.2.0  -> 4.0.0  2.4.0  5.0.0
		5.0.0  4.0.0  2.4.0  -> 4.0.1  2.4.1  5.0.1
		5.0.1  4.0.1  2.4.1  -> 4.0.2  2.5.0  5.1.0
		5.1.0  4.0.2  2.5.0  -> 5.0.0  2.10.0 6.0.0
		6.0.0  5.0.0  2.10.0 -> 5.0.0  2.10.0 6.0.1
		6.0.1  5.0.0  2.10.0 -> 8.0.1  2.14.0 7.0.0
		7.0.0  8.0.1  2.14.0 -> 8.0.3  2.19.6 7.1.0
		7.1.0  8.0.3  2.19.6 -> 8.0.3  2.20.1 7.2.0
		7.2.0  8.0.3  2.20.1 -> 8.0.3  2.20.1 7.2.1
		7.2.1  8.0.3  2.20.1 -> 8.0.3  2.22.1 7.3.0
		7.3.0  8.0.3  2.22.1 -> 8.0.3  3.5.0  8.0.0
		8.0.0  8.0.3  3.5.0  -> 8.0.3  3.6.1  8.1.0
		8.1.0  8.0.3  3.6.1  -> 8.0.4  4.0.1  9.0.0
		9.0.0  8.0.4  4.0.1  -> 8.0.4  4.1.0  9.1.0
		9.1.0  8.0.4  4.1.0  -> 10.0.0 4.3.0  10.0.0
		10.0.0 10.0.0 4.3.0  -> 10.0.0 4.5.0  10.1.0
		10.1.0 10.0.0 4.5.0  -> 10.1.0 4.5.1  10.2.0`
	for line := range strings.Lines(strings.TrimSpace(transitions)) {
		w := strings.Fields(line)
		got, err := drivers.NextDriver(mustRead(t, drivers, w[0]+"+driver"), interfaces(t, w[1], w[2]),
			interfaces(t, w[4], w[5]), true)
		if err != nil {
			t.Errorf("%s: %v", w[0], err)
			continue
		}
		if got.String() != w[6]+"+driver" {
			t.Errorf("after %s comes %s, want %s+driver", w[0], got, w[6])
		}
	}
}

func TestNextDriverRefuses(t *testing.T) {
	previous := mustRead(t, drivers, "10.0.0+driver")
	cases := []struct {
		name     string
		was, now release.Interfaces
		want     string
	}{
		{
			"an API that went down", interfaces(t, "10.1.0", "4.5.0"), interfaces(t, "10.0.2", "5.0.0"),
			"10.0.2 is refused: driver/API_VERSION may not decrease: it was 10.1.0 at the tag 10.0.0+driver (Falco " +
				"release.md, Drivers versioning)",
		},
		{
			"a SCHEMA that went down although the API went up", interfaces(t, "10.1.0", "4.5.0"), interfaces(t,
				"11.0.0", "4.4.9"),
			"4.4.9 is refused: driver/SCHEMA_VERSION may not decrease: it was 4.5.0 at the tag 10.0.0+driver (Falco " +
				"release.md, Drivers versioning)",
		},
		{
			"nothing new", interfaces(t, "10.1.0", "4.5.0"), interfaces(t, "10.1.0", "4.5.0"),
			"10.0.0+driver is refused: nothing in the driver has changed since, so there is no driver to release " +
				"(Falco release.md, Drivers versioning)",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := drivers.NextDriver(previous, c.was, c.now, false)
			if err == nil {
				t.Fatalf("it gave %s", got)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What an interface tells is enough: its change counts without any of the code's.
func TestNextDriverNeedsNoChangeOfTheCode(t *testing.T) {
	previous, was := mustRead(t, drivers, "10.0.0+driver"), interfaces(t, "10.1.0", "4.5.0")
	for want, now := range map[string]release.Interfaces{
		"10.0.1+driver": interfaces(t, "10.1.3", "4.5.0"), "10.1.0+driver": interfaces(t, "10.1.3",
			"4.7.2"), "11.0.0+driver": interfaces(t, "13.0.0", "4.6.0"),
	} {
		if got, err := drivers.NextDriver(previous, was, now, false); err != nil || got.String() != want {
			t.Errorf("%+v gives %s, %v; want %s", now, got, err, want)
		}
	}
}

func interfaces(t *testing.T, api, schema string) release.Interfaces {
	t.Helper()
	return release.Interfaces{API: mustRead(t, kubernetes, api), Schema: mustRead(t, kubernetes, schema)}
}
