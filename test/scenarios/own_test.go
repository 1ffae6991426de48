package scenarios

import (
	"os"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// Own: the stories of a repository with a process of its own, that of docs/tutorial.md.
func TestOwn(t *testing.T) {
	data, err := os.ReadFile("../../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```yaml\n")
	process, _, _ := strings.Cut(rest, "```\n")
	play(t, "own", "acme/widgets", "ada", func() sandbox.Seed {
		return sandbox.Seed{
			Org: "acme", Users: []string{"ada", "ben", "cem", "dora"},
			Repos: []sandbox.SeedRepo{{
				Name: "widgets", DefaultBranch: "main", Collaborators: map[string]string{"ada": "triage",
					"ben": "maintain", "cem": "maintain"},
				Commits: []sandbox.SeedCommit{{Message: "Begin", Author: "ben", Files: map[string]string{
					".github/release.yaml": process, "VERSION": "1.3.0\n",
					"charts/widgets/Chart.yaml":    "name: widgets\nappVersion: '1.3.0' # of widgets\n",
					".github/workflows/build.yaml": "name: Build\non: workflow_dispatch\njobs:\n  build: {}\n",
				}, Tags: []string{"v1.3.0"}, Released: true}},
				Issues: []sandbox.SeedIssue{{Title: "Widgets 1.4.0", Body: "The next one.\n", Author: "ben",
					Assignees: []string{"ada"}}},
			}},
		}
	})
}
