package release

import (
	"cmp"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// Vars are the values that templates of the process may use before any phase pins its own: the version and its
// numbers, the names that the process derives from it, the repository and the issue.
func (r Release) Vars() map[string]string { return r.Started.vars() }

func (s Started) vars() map[string]string {
	vars := map[string]string{
		"version":        s.Version,
		"previous":       s.Previous,
		"since":          cmp.Or(s.Since, s.Previous),
		"next_version":   s.NextVersion,
		"next_patch":     s.NextPatch,
		"default_branch": s.DefaultBranch,
		"repo":           s.Repo,
		"issue":          strconv.Itoa(s.Issue),
		"due":            "",
		"from":           s.From,
		"burned":         s.burned(),
		"release":        s.Repo + "#" + strconv.Itoa(s.Issue) + "/" + s.Version,
	}
	for name, value := range s.Inputs {
		vars[strings.ReplaceAll(name, "-", "_")] = value
	}
	if !s.Due.IsZero() {
		vars["due"] = s.Due.Format(time.DateOnly)
	}
	if v, err := s.Process.Versions.Parse(s.Version); err == nil {
		vars["major"], vars["minor"], vars["patch"] = strconv.Itoa(v.Major), strconv.Itoa(v.Minor), strconv.Itoa(
			v.Patch)
	}
	vars = s.Process.Named(vars)
	track, _ := s.Process.Track(s.Track)
	for name, template := range track.Names {
		if value, err := Expand(template, vars); err == nil {
			vars[strings.ReplaceAll(name, "-", "_")] = value
		}
	}
	return vars
}

// Input says that the value of that name in templates was given with the command that began the release.
func (s Started) Input(name string) bool {
	for given := range s.Inputs {
		if strings.ReplaceAll(given, "-", "_") == name {
			return true
		}
	}
	return false
}

// burned tells, for the notes, which versions before this one failed.
func (s Started) burned() string {
	var lines []string
	for _, d := range s.Burned {
		lines = append(lines, failedNote(d))
	}
	return strings.Join(lines, "\n")
}

// Named adds the names that the process derives and that vars suffice for. A name that needs more, such as the
// candidate's number, appears once a phase has pinned it.
func (p Process) Named(vars map[string]string) map[string]string {
	out := maps.Clone(vars)
	for name, template := range p.Names {
		if value, err := Expand(template, vars); err == nil {
			out[strings.ReplaceAll(name, "-", "_")] = value
		}
	}
	return out
}

// In are the values that a run's templates may use.
func (r Release) In(run Run) map[string]string {
	vars := r.Vars()
	maps.Copy(vars, run.Vars)
	return r.Started.Process.Named(vars)
}

// Key names one effect and no other: it is the hidden mark by which a step finds what it wrote before.
func (r Release) Key(run Run, step string) string {
	return fmt.Sprintf("%s/%s/%s.%d/%s", r.ID, r.Started.Version, run.Name, run.Number, step)
}

// filling fills the templates of a run's steps.
func (r Release) filling(run Run) func(string) (string, error) { return Filling(r.In(run)) }

// Filling fills templates with values.
func Filling(vars map[string]string) func(string) (string, error) {
	return func(text string) (string, error) { return Expand(text, vars) }
}
