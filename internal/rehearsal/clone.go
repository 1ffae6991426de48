package rehearsal

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// clone is a repository on this machine, as GitHub would have it. It is only read.
type clone struct {
	dir string
	// owner and name are those of its remote on GitHub, or example and the name of its folder.
	owner, name   string
	defaultBranch string
	history       sandbox.SeedClone
	// notes say, each in a sentence, what of the clone is not in the rehearsal, or otherwise than on GitHub.
	notes []string
}

// openClone looks at a clone. file is the process file, which need not be committed. What a person has to change first
// is a Problem.
func openClone(ctx context.Context, dir, file string) (*clone, error) {
	c := &clone{dir: dir}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, problem("--repo %s: there is no such directory; name the path of a clone", dir)
	}
	at, err := c.git(ctx, "rev-parse", "--path-format=absolute", "--git-common-dir")
	if err != nil {
		if strings.Contains(err.Error(), "dubious ownership") {
			return nil, problem("--repo %s: git does not read it, because it belongs to another user; see "+
				"`git config --global --add safe.directory %s`", dir, dir)
		}
		return nil, problem("--repo %s: that is not a git repository; name the path of a clone, as `git clone` made it",
			dir)
	}
	if err := c.whole(ctx, at); err != nil {
		return nil, err
	}
	c.history.Objects = filepath.Join(at, "objects")
	remote, err := c.remote(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.refs(ctx, remote); err != nil {
		return nil, err
	}
	return c, c.uncommitted(ctx, file)
}

// whole refuses a repository of which a part is missing: what is not there cannot be released from.
func (c *clone) whole(ctx context.Context, at string) error {
	if shallow, err := c.git(ctx, "rev-parse", "--is-shallow-repository"); err != nil || shallow == "true" {
		return problem("--repo %[1]s: the clone is shallow: its history is cut off, so which version follows cannot be "+
			"found; run `git -C %[1]s fetch --unshallow --tags`", c.dir)
	}
	// Git exits with 1 where nothing of that name is configured.
	partial, _ := c.git(ctx, "config", "--get-regexp", `^(remote\..*\.promisor|extensions\.partialclone)$`)
	if partial != "" {
		return problem("--repo %s: the clone is partial: files are fetched only when they are needed, and a rehearsal "+
			"uses no network; clone it again without --filter", c.dir)
	}
	if format, _ := c.git(ctx, "rev-parse", "--show-object-format"); format != "" && format != "sha1" {
		return problem("--repo %s: the repository names its commits by %s, and GitHub by SHA-1; name another clone",
			c.dir, format)
	}
	if !strings.HasSuffix(at, string(filepath.Separator)) {
		at += string(filepath.Separator)
	}
	if _, err := os.Stat(filepath.Join(at, "objects")); err != nil {
		return problem("--repo %s: its objects cannot be read: %v", c.dir, err)
	}
	return nil
}

// remoteURL reads OWNER/NAME out of the address of a remote: git@github.com:acme/widgets.git and its like.
var remoteURL = regexp.MustCompile(`[:/]([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9._-]+?)(?:\.git)?/?$`)

// remote is the name of the remote that stands for GitHub: origin, or the only one; empty where there is none. It sets
// what the repository is called.
func (c *clone) remote(ctx context.Context) (string, error) {
	absolute, err := filepath.Abs(c.dir)
	if err != nil {
		return "", err
	}
	c.owner, c.name = "example", strings.Trim(regexp.MustCompile(`[^A-Za-z0-9._-]+`).ReplaceAllString(
		filepath.Base(absolute), "-"), ".-")
	if c.name == "" {
		c.name = "repository"
	}
	list, err := c.git(ctx, "remote")
	if err != nil {
		return "", err
	}
	remotes := strings.Fields(list)
	name := ""
	switch {
	case slices.Contains(remotes, "origin"):
		name = "origin"
	case len(remotes) == 1:
		name = remotes[0]
	default:
		return "", nil
	}
	url, err := c.git(ctx, "config", "remote."+name+".url")
	if hit := remoteURL.FindStringSubmatch(url); err == nil && hit != nil && !filepath.IsAbs(url) {
		c.owner, c.name = hit[1], hit[2]
	}
	return name, nil
}

// refs are the branches and tags. A branch is as the remote had it at the last fetch, unless this clone is ahead of it.
func (c *clone) refs(ctx context.Context, remote string) error {
	list, err := c.git(ctx, "for-each-ref", "--format=%(refname) %(objectname) %(symref)", "refs/heads", "refs/tags",
		"refs/remotes")
	if err != nil {
		return err
	}
	here, there, head := map[string]string{}, map[string]string{}, ""
	c.history.Refs = map[string]string{}
	for l := range strings.Lines(list) {
		words := strings.Fields(l)
		if len(words) < 2 {
			continue
		}
		ref := words[0]
		remotes := "refs/remotes/" + remote + "/"
		switch {
		case strings.HasPrefix(ref, "refs/tags/"):
			c.history.Refs[ref] = words[1]
		case strings.HasPrefix(ref, "refs/heads/"):
			here[strings.TrimPrefix(ref, "refs/heads/")] = words[1]
		case remote == "" || !strings.HasPrefix(ref, remotes):
		case len(words) == 3 && ref == remotes+"HEAD":
			head = strings.TrimPrefix(words[2], remotes)
		default:
			there[strings.TrimPrefix(ref, remotes)] = words[1]
		}
	}
	for name, sha := range there {
		c.history.Refs["refs/heads/"+name] = sha
	}
	for name, sha := range here {
		switch base, known := there[name]; {
		case !known:
			c.history.Refs["refs/heads/"+name] = sha
			if remote != "" {
				c.notes = append(c.notes, fmt.Sprintf("the branch %s is only here, not in %s", name, remote))
			}
		case base == sha:
		case c.ahead(ctx, base, sha):
			c.history.Refs["refs/heads/"+name] = sha
			c.notes = append(c.notes, fmt.Sprintf("the branch %[1]s is taken from here, where it is ahead of %[2]s/%[1]s",
				name, remote))
		default:
			c.notes = append(c.notes, fmt.Sprintf("the branch %[1]s is taken from %[2]s/%[1]s, which has other commits "+
				"than the one here", name, remote))
		}
	}
	slices.Sort(c.notes)
	return c.chooseDefault(ctx, head)
}

// ahead says that a commit has another one in its history.
func (c *clone) ahead(ctx context.Context, old, sha string) bool {
	_, err := c.git(ctx, "merge-base", "--is-ancestor", old, sha)
	return err == nil
}

// chooseDefault finds the default branch: as the remote has it, else main or master, else the one that is checked out.
func (c *clone) chooseDefault(ctx context.Context, head string) error {
	current, _ := c.git(ctx, "symbolic-ref", "--short", "--quiet", "HEAD") // nothing where a commit is checked out
	for _, name := range []string{head, "main", "master", current} {
		if name != "" && c.history.Refs["refs/heads/"+name] != "" {
			c.defaultBranch = name
			return nil
		}
	}
	return problem("--repo %[1]s: it has no commit on a branch; check out the default branch of the project: "+
		"`git -C %[1]s switch main`", c.dir)
}

// uncommitted notes what is not committed, and so not on GitHub after a push either.
func (c *clone) uncommitted(ctx context.Context, file string) error {
	list, err := c.git(ctx, "status", "--porcelain", "--untracked-files=normal")
	if err != nil {
		return nil //nolint:nilerr // a bare repository has no files that could differ
	}
	own := ""
	if top, err := c.git(ctx, "rev-parse", "--show-toplevel"); err == nil {
		if absolute, err := filepath.Abs(file); err == nil {
			own, _ = filepath.Rel(top, absolute)
		}
	}
	changed := 0
	for l := range strings.Lines(list) {
		if len(l) > 3 && !strings.HasPrefix(own, strings.Trim(strings.TrimSpace(l[3:]), `"`)) {
			changed++
		}
	}
	if changed > 0 {
		c.notes = append(c.notes, fmt.Sprintf("%s uncommitted changes, which the rehearsal leaves out",
			map[bool]string{true: "one file has", false: fmt.Sprintf("%d files have", changed)}[changed == 1]))
	}
	return nil
}

// git asks, and changes nothing: not even the index, which `git status` would otherwise refresh. It runs nothing that
// the configuration of the clone names.
func (c *clone) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", c.dir, "-c", "core.fsmonitor=false"}, args...)...)
	cmd.Env = append(cmd.Environ(), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "LC_ALL=C")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s in %s: %w: %s", args[0], c.dir, err, strings.TrimSpace(errs.String()))
	}
	return strings.TrimSpace(out.String()), nil
}
