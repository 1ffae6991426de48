// Package consent is what one repository allows the processes of others: a process acts with the rights of the App, so
// whoever writes a process file could otherwise read and change repositories that are closed to them. It is pure;
// internal/elsewhere looks up what is allowed, each time.
package consent

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// A Grant is what a repository allows the processes of another one: an entry of `lets` in its own .github/release.yaml.
type Grant struct {
	// Repo is OWNER/NAME of the repository whose process may do this.
	Repo string `yaml:"repo" json:"repo"`
	// Process limits it to one process of that repository; empty means all.
	Process string `yaml:"process" json:"process,omitempty"`
	// Read lists the files that may be read, see InPaths.
	Read []string `yaml:"read" json:"read,omitempty"`
	// Releases allows to see which releases, tags and commits there are. Nothing of their content.
	Releases bool `yaml:"releases" json:"releases,omitempty"`
	// Pulls lists the files that a pull request may change, see InPaths. They may be read too.
	Pulls []string `yaml:"pulls" json:"pulls,omitempty"`
}

// A Use is what a process does in another repository. The zero value of a field is nothing of that kind.
type Use struct {
	// Repo is OWNER/NAME, as the process names it.
	Repo string
	// Read lists files, or patterns of them.
	Read []string
	// Releases looks at releases, tags and commits.
	Releases bool
	// Pulls lists the files, or patterns of them, that a pull request changes; Branch is the one it comes from.
	Pulls  []string
	Branch string
	// Awaits lists the files of a pull request that is only looked at. Where it needs to be allowed, it is as Pulls.
	Awaits []string
}

// Writes says that the use changes something.
func (u Use) Writes() bool { return len(u.Pulls) > 0 }

// Proposed are the files of all pull requests of the use.
func (u Use) Proposed() []string { return union(u.Pulls, u.Awaits) }

// With is both uses of one repository.
func (u Use) With(other Use) Use {
	u.Read, u.Pulls, u.Awaits = union(u.Read, other.Read), union(u.Pulls, other.Pulls), union(u.Awaits, other.Awaits)
	u.Releases = u.Releases || other.Releases
	if other.Branch != "" && (u.Branch == "" || !OwnBranch(other.Branch)) { // one that may not be made is not hidden
		u.Branch = other.Branch
	}
	return u
}

// Lacking is the part of a use that the grants, each given to this process, do not allow.
func (u Use) Lacking(given []Grant) Use {
	for _, g := range given {
		u.Read = slices.DeleteFunc(slices.Clone(u.Read),
			func(p string) bool { return InPaths(g.Read, p) || InPaths(g.Pulls, p) })
		u.Pulls = slices.DeleteFunc(slices.Clone(u.Pulls), func(p string) bool { return InPaths(g.Pulls, p) })
		u.Awaits = slices.DeleteFunc(slices.Clone(u.Awaits), func(p string) bool { return InPaths(g.Pulls, p) })
		u.Releases = u.Releases && !g.Releases
	}
	return u
}

// None says that the use does nothing.
func (u Use) None() bool {
	return len(u.Read) == 0 && len(u.Pulls) == 0 && len(u.Awaits) == 0 && !u.Releases
}

// InPaths says that a file is one of those that the patterns mean: a path; a path with * for any letters between two
// slashes; a directory with its last slash, which means all below it; or * alone, which means every file.
func InPaths(patterns []string, file string) bool {
	if file == "" || path.Clean(file) != file || strings.HasPrefix(file, "/") || strings.HasPrefix(file, "..") {
		return false
	}
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		switch {
		case pattern == "*":
			return true
		case strings.HasSuffix(pattern, "/"):
			return strings.HasPrefix(file, pattern)
		}
		hit, err := path.Match(exactly.Replace(pattern), file)
		return err == nil && hit
	})
}

// exactly takes their meaning from what path.Match knows besides the star.
var exactly = strings.NewReplacer(`\`, `\\`, `?`, `\?`, `[`, `\[`)

// Prefix is how branches of proposals in other repositories begin: one of any other name could start what that
// repository runs for its own branches.
const Prefix = "slipway/"

// OwnBranch says that a branch may be made in another repository.
func OwnBranch(name string) bool { return strings.HasPrefix(name, Prefix) }

// repositoryName is OWNER/NAME in the letters that GitHub takes.
var repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+$`)

// Repository says that a text can name a repository.
func Repository(name string) bool {
	return repositoryName.MatchString(name) && !strings.HasSuffix(name, "/.") && !strings.HasSuffix(name, "/..")
}

func union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}
