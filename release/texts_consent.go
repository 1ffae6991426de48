package release

import (
	"regexp"
	"strings"

	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/markdown"
)

// Closed is why a process may not use another repository.
type Closed struct {
	// Use is what the repository does not allow.
	Use consent.Use
	// Repo is OWNER/NAME of the repository that is released, Process the name of its process, App the slug of the App.
	Repo, Process, App string
	// Public says that everybody can read the repository that is to be used. Of any other nobody is told whether it
	// exists.
	Public bool
	// Away says that the App is not installed there, Broken that its configuration cannot be read.
	Away, Broken bool
}

// Refusal is the whole answer.
func (c Closed) Refusal() Refusal {
	there := markdown.Code(c.Use.Repo)
	owner, _, _ := strings.Cut(c.Use.Repo, "/")
	file := "`.github/release.yaml` on the default branch of " + there
	allow := "add " + markdown.Code(c.line()) + " below `lets:` in " + file
	everywhere := ", or on " + markdown.Code(owner+"/.github") + " for all repositories of " + markdown.Code(owner)
	r := Refusal{
		Rule: "a process can change another repository, or read one that is not public, only where that repository " +
			"allows it",
		Who: "anyone with the `write` permission on " + there + everywhere,
		Fix: allow,
	}
	install := "install the GitHub App " + markdown.Code(c.App) + " in " + there
	switch {
	case !consent.Repository(c.Use.Repo):
		return Refusal{Why: there + " is not the name of a repository", Rule: "a repository is named OWNER/NAME",
			Who: "the maintainers of " + markdown.Code(c.Repo), Fix: inProcess("name")}
	case c.Use.Writes() && !consent.OwnBranch(c.Use.Branch):
		return Refusal{
			Why:  "the branch " + markdown.Code(c.Use.Branch) + " cannot be created in " + there,
			Rule: "in other repositories Slipway creates only branches that begin with `" + consent.Prefix + "`",
			Who:  "the maintainers of " + markdown.Code(c.Repo), Fix: inProcess("branch")}
	case !c.Public:
		r.Why = there + " does not exist, or it does not allow " + markdown.Code(c.Repo) + " " + c.wanted()
		r.Who += "; an owner of " + markdown.Code(owner) + " can install the App"
		r.Fix = install + " if it is not installed there, and " + allow
	case c.Away:
		r.Why = "the App is not installed in " + there + ", so it cannot propose changes there"
		r.Who = "an owner of " + markdown.Code(owner)
		r.Fix = install + ", and " + allow
	case c.Broken:
		r.Why = there + " allows " + markdown.Code(c.Repo) + " nothing, because its `.github/release.yaml` has mistakes"
		r.Fix = "correct the file (`bot lint FILE` lists the mistakes), and " + allow
	default:
		r.Why = there + " does not allow " + markdown.Code(c.Repo) + " " + c.wanted()
	}
	return r
}

// inProcess says how a mistake in the process is corrected, which is pinned when a release starts.
func inProcess(what string) string {
	return "correct the " + what + " in the release process, then comment `/release abort REASON` and start again"
}

// own says that the mistake is in the process, and nothing that the other repository can allow.
func (c Closed) own() bool {
	return !consent.Repository(c.Use.Repo) || c.Use.Writes() && !consent.OwnBranch(c.Use.Branch)
}

// wanted says what the process would do there.
func (c Closed) wanted() string {
	var out []string
	if files := c.Use.Proposed(); len(files) > 0 {
		out = append(out, "to propose changes to "+both(markdown.Codes(files)))
	}
	if len(c.Use.Read) > 0 {
		out = append(out, "to read "+both(markdown.Codes(c.Use.Read)))
	}
	if c.Use.Releases {
		out = append(out, "to see its releases, tags and commits")
	}
	return both(out)
}

// line is what has to be added to the configuration of the other repository.
func (c Closed) line() string {
	paths := func(list []string) string {
		quoted := make([]string, len(list))
		for i, p := range list {
			if quoted[i] = p; !plain.MatchString(p) {
				quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p) + `"`
			}
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	fields := []string{"repo: " + c.Repo}
	if c.Process != "" {
		fields = append(fields, "process: "+c.Process)
	}
	if len(c.Use.Read) > 0 {
		fields = append(fields, "read: "+paths(c.Use.Read))
	}
	if c.Use.Releases {
		fields = append(fields, "releases: true")
	}
	if files := c.Use.Proposed(); len(files) > 0 {
		fields = append(fields, "pulls: "+paths(files))
	}
	return "- {" + strings.Join(fields, ", ") + "}"
}

// plain is text that YAML takes without quotes.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./][A-Za-z0-9_./-]*$`)

// CannotUse refuses a phase that needs other repositories, none of which allows it.
func CannotUse(phase string, closed []Closed) *Refusal {
	again := ", then comment `/release " + phase + "` again"
	if len(closed) == 1 {
		r := closed[0].Refusal()
		r.Why = "`" + phase + "` cannot begin: " + r.Why
		if !closed[0].own() {
			r.Fix += again
		}
		return &r
	}
	all := &Refusal{Why: "`" + phase + "` cannot begin, because other repositories do not allow what it does there",
		Fix: "resolve each of these" + again}
	for _, c := range closed {
		r := c.Refusal()
		all.Gates = append(all.Gates, Verdict{Gate: "consent", Rule: r.Rule, Saw: r.Why, Who: r.Who, Fix: r.Fix})
	}
	return all
}

func consentSamples() []Sample {
	pulls := Closed{
		Use: consent.Use{Repo: "falcosecurity/test-infra", Pulls: []string{"config/config.yaml"},
			Branch: "slipway/protect"},
		Repo: "falcosecurity/libs", Process: "falco-drivers", App: "slipway", Public: true,
	}
	away, broken, branch, name := pulls, pulls, pulls, pulls
	away.Away, broken.Broken, branch.Use.Branch, name.Use.Repo = true, true, "release/0.21.x", "test-infra"
	read := Closed{Use: consent.Use{Repo: "acme/charts", Read: []string{"charts/*/Chart.yaml"}, Releases: true},
		Repo: "acme/app", Process: "app", App: "slipway"}
	show := func(name string, closed ...Closed) Sample {
		return Sample{"Other repositories: " + name, CannotUse("protect", closed).Markdown()}
	}
	return []Sample{
		show("a pull request is not allowed", pulls), show("the App is not installed", away),
		show("a configuration with mistakes", broken), show("a branch of another name", branch),
		show("no name of a repository", name), show("a private one", read), show("several", pulls, read),
	}
}
