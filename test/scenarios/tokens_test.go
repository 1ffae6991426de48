package scenarios

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// asked are the tokens of all stories.
var asked tokens

// tokens are the sets of permissions that tokens were asked for with, and what of each was needed by some request.
type tokens struct {
	mu       sync.Mutex
	sets     map[string]map[string]string
	problems []string
}

func permissions(list map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(list)) {
		if name != "metadata" {
			out = append(out, name+": "+list[name])
		}
	}
	return strings.Join(out, ", ")
}

func (t *tokens) note(uses []sandbox.TokenUse) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sets == nil {
		t.sets = map[string]map[string]string{}
	}
	for _, u := range uses {
		set := permissions(u.Asked)
		if u.Asked == nil || len(u.Repos) != 1 && set != "" {
			t.problems = append(t.problems, fmt.Sprintf("a token for %d repositories with %q", len(u.Repos), set))
		}
		if t.sets[set] == nil {
			t.sets[set] = map[string]string{}
		}
		for name, level := range u.Used {
			if t.sets[set][name] != "write" {
				t.sets[set][name] = level
			}
		}
	}
}

// narrow says that each token was for one repository, or for names alone, and that nothing was asked for in vain.
func (t *tokens) narrow() bool {
	// What no story needs: no policy of patch-release issues names a team.
	rare := map[string]string{"members": "read"}
	// The gate line-clear reads files and tags that the same job has read before.
	for _, set := range []string{"actions: write, contents: read", "contents: read, issues: read"} {
		if at := t.sets[set]; at != nil {
			at["contents"] = "read"
		}
	}
	// A simulation has the permissions of a step to read, and some steps only write with them.
	for set, name := range map[string]string{"actions: read, contents: read": "contents",
		"administration: read": "administration"} {
		if at := t.sets[set]; at != nil {
			at[name] = "read"
		}
	}
	whole := flag.Lookup("test.run").Value.String() == "" // only all stories together need all that is asked for
	for _, set := range slices.Sorted(maps.Keys(t.sets)) {
		for name, level := range rare {
			if strings.Contains(set, name+": "+level) {
				t.sets[set][name] = level
			}
		}
		if used := permissions(t.sets[set]); used != set && whole {
			t.problems = append(t.problems, fmt.Sprintf("tokens with %q needed %q", set, used))
		}
	}
	for _, p := range t.problems {
		fmt.Fprintln(os.Stderr, "tokens:", p)
	}
	fmt.Printf("tokens: %d sets of permissions were asked for\n", len(t.sets))
	return len(t.problems) == 0
}
