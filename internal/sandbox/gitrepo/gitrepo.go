// Package gitrepo is a bare git repository that git itself agrees with.
//
// Whatever the sandbox shows is read from, and written to, a real repository: anyone may clone it, push to it and run
// git fsck on it. What takes judgement (merging contents, detecting renames, packs, clone and push) is left to the git
// command. What is only a file format (loose objects, references, trees) is read and written here, because a process
// for each call would be most of the time that a release takes: see BenchmarkCommit.
//
// The files: object.go and loose.go read and write objects, batch.go reads the packed ones, refs.go and reflock.go
// keep references, commit.go, tag.go, tree.go and edit.go know the objects, history.go, merge.go and diff.go
// compare them, http.go and receive.go serve clone and push.
//
// Author, committer and date are always given by the caller, so the same calls make the same object names.
package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// What a caller branches on, with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("exists already")
	// ErrConflict: a merge needs a person, or a reference is not where the caller believed it to be.
	ErrConflict = errors.New("conflict")
	// ErrInvalid: git would refuse this name, path, person or object.
	ErrInvalid = errors.New("not valid")
)

// zero is the object name of nothing.
const zero = "0000000000000000000000000000000000000000"

// Repo is one bare repository, made by Init, Open or Clone. It may be used by many goroutines, and other processes may
// write to the repository meanwhile.
type Repo struct {
	Dir string

	cache *cache
	batch *batch
}

// Path is where the repository of an owner lies below the root.
func Path(root, owner, repo string) string { return filepath.Join(root, owner, repo+".git") }

// Open is the repository in a folder. It touches nothing yet.
func Open(dir string) *Repo {
	r := &Repo{Dir: dir, cache: newCache(), batch: &batch{dir: dir}}
	runtime.AddCleanup(r, func(b *batch) { b.close() }, r.batch)
	return r
}

// Close ends the process that reads packed objects, if one runs. The repository stays usable.
func (r *Repo) Close() error {
	r.batch.close()
	return nil
}

// Init makes an empty bare repository, or opens the one that is there. No hooks are installed, nothing is ever packed
// by itself, and push over HTTP is on.
func Init(ctx context.Context, dir, defaultBranch string) (*Repo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !validRef("refs/heads/" + defaultBranch) {
		return nil, fmt.Errorf("default branch %q: %w", defaultBranch, ErrInvalid)
	}
	if _, err := os.Stat(filepath.Join(dir, "HEAD")); err == nil {
		return Open(dir), nil
	}
	for _, d := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, fmt.Errorf("make repository %s: %w", dir, err)
		}
	}
	// HEAD comes last: it is what makes the folder a repository.
	for _, f := range [][2]string{
		{"config", "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[http]\n\treceivepack = " +
			"true\n[gc]\n\tauto = 0\n[receive]\n\tautogc = false\n"},
		{"HEAD", "ref: refs/heads/" + defaultBranch + "\n"},
	} {
		if err := os.WriteFile(filepath.Join(dir, f[0]), []byte(f[1]), 0o644); err != nil {
			return nil, fmt.Errorf("make repository %s: %w", dir, err)
		}
	}
	return Open(dir), nil
}

// Clone copies the whole repository into a new folder: a cheap way to start from a template. Objects, which never
// change, are hard links where the file system has them.
func (r *Repo) Clone(ctx context.Context, dir string) (*Repo, error) {
	if _, err := os.Stat(filepath.Join(dir, "HEAD")); err == nil {
		return nil, fmt.Errorf("clone into %s: %w", dir, ErrExists)
	}
	// References before objects: a reference that is written meanwhile must not be copied without its objects.
	for _, part := range []string{"config", "packed-refs", "refs", "objects", "HEAD"} {
		if err := r.copyPart(ctx, part, dir); err != nil {
			return nil, fmt.Errorf("clone into %s: %w", dir, err)
		}
	}
	return Open(dir), nil
}

func (r *Repo) copyPart(ctx context.Context, part, dir string) error {
	return filepath.WalkDir(filepath.Join(r.Dir, part), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(r.Dir, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(to, 0o755)
		case strings.HasSuffix(path, ".lock") || strings.HasPrefix(d.Name(), "tmp_"):
			return nil
		case part == "objects" && os.Link(path, to) == nil:
			return nil
		}
		return copyFile(path, to)
	})
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// git runs the command in the repository.
func (r *Repo) git(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = r.Dir, environment(), stdin
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(problem.String()))
	}
	return out.String(), nil
}

// exited gives the exit code of a git command that ran to its end, and 0 for any other error.
func exited(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		return exit.ExitCode()
	}
	return 0
}

// environment keeps git deaf to the configuration, the hooks and the language of this machine.
func environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "HOME=" + os.DevNull,
		"GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1", "LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=core.hooksPath", "GIT_CONFIG_VALUE_0=" + os.DevNull,
		// The repositories may belong to another user than the one the sandbox runs as (a mounted volume).
		"GIT_CONFIG_KEY_1=safe.directory", "GIT_CONFIG_VALUE_1=*",
	}
}
