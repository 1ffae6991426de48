// Package gitrepo is a bare git repository, operated through the git command: what the sandbox shows is what git
// says. Author, committer and dates are always given, so the same calls make the same commits.
package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a caller branches on.
var (
	ErrNotFound       = errors.New("not found")
	ErrExists         = errors.New("exists already")
	ErrConflict       = errors.New("conflict")
	ErrNotFastForward = errors.New("not a fast-forward")
)

// zero is the object name of nothing.
const zero = "0000000000000000000000000000000000000000"

// Repo is one bare repository.
type Repo struct{ Dir string }

// Signature is who, and when.
type Signature struct {
	Name, Email string
	When        time.Time
}

// Commit is a commit.
type Commit struct {
	SHA, Tree         string
	Parents           []string
	Author, Committer Signature
	Message           string
}

// Ref is a reference; Peeled is its commit, which differs from SHA for annotated tags.
type Ref struct{ Name, SHA, Type, Peeled string }

// TreeEntry is a line of a tree.
type TreeEntry struct{ Path, Mode, Type, SHA string }

// TreeChange changes one path: Content nil and SHA empty delete it.
type TreeChange struct {
	Path, Mode, SHA string
	Content         *string
}

// FileChange is one file of a difference.
type FileChange struct {
	Path, Status, SHA    string
	Additions, Deletions int
}

// Tag is an annotated tag's object.
type Tag struct {
	SHA, Name, Message, Object, ObjectType string
	Tagger                                 Signature
}

// Init makes an empty bare repository.
func Init(ctx context.Context, dir, defaultBranch string) (*Repo, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	r := &Repo{Dir: dir}
	if _, err := r.git(ctx, nil, nil, "init", "--quiet", "--bare", "--initial-branch="+defaultBranch); err != nil {
		return nil, err
	}
	_, err := r.git(ctx, nil, nil, "config", "http.receivepack", "true")
	return r, err
}

// git runs the command in the repository, deaf to the configuration of this machine.
func (r *Repo) git(ctx context.Context, stdin []byte, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.Dir
	cmd.Env = append(environment(), env...)
	cmd.Stdin = bytes.NewReader(stdin)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(problem.String()))
	}
	return out.String(), nil
}

func environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "HOME=/nonexistent",
		"GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "TZ=UTC",
	}
}

// Refs lists the references below a prefix, by name.
func (r *Repo) Refs(ctx context.Context, prefix string) ([]Ref, error) {
	out, err := r.git(ctx, nil, nil, "for-each-ref", "--format=%(refname)%09%(objectname)%09%(objecttype)%09%(*objectname)")
	if err != nil {
		return nil, err
	}
	var refs []Ref
	for l := range strings.Lines(out) {
		f := strings.Split(strings.TrimRight(l, "\n"), "\t")
		ref := Ref{Name: f[0], SHA: f[1], Type: f[2], Peeled: f[3]}
		if ref.Peeled == "" {
			ref.Peeled = ref.SHA
		}
		if strings.HasPrefix(ref.Name, prefix) {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

// Ref finds one reference by its full name.
func (r *Repo) Ref(ctx context.Context, name string) (Ref, error) {
	refs, err := r.Refs(ctx, name)
	if err != nil {
		return Ref{}, err
	}
	i := slices.IndexFunc(refs, func(ref Ref) bool { return ref.Name == name })
	if i < 0 {
		return Ref{}, fmt.Errorf("%s: %w", name, ErrNotFound)
	}
	return refs[i], nil
}

// Resolve turns a branch, tag or SHA into the SHA of a commit.
func (r *Repo) Resolve(ctx context.Context, rev string) (string, error) {
	out, err := r.git(ctx, nil, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%s: %w", rev, ErrNotFound)
	}
	return strings.TrimSpace(out), nil
}

// Has says whether the object exists.
func (r *Repo) Has(ctx context.Context, sha string) bool {
	_, err := r.git(ctx, nil, nil, "cat-file", "-e", sha)
	return err == nil
}

// SetRef sets a reference if it still is at old; an empty old means that it must not exist.
func (r *Repo) SetRef(ctx context.Context, name, sha, old string) error {
	if old == "" {
		if _, err := r.Ref(ctx, name); err == nil {
			return fmt.Errorf("%s: %w", name, ErrExists)
		}
		old = zero
	}
	_, err := r.git(ctx, nil, nil, "update-ref", name, sha, old)
	return err
}

// DeleteRef deletes a reference.
func (r *Repo) DeleteRef(ctx context.Context, name string) error {
	_, err := r.git(ctx, nil, nil, "update-ref", "-d", name)
	return err
}

// IsAncestor says whether a is b or comes before it.
func (r *Repo) IsAncestor(ctx context.Context, a, b string) bool {
	_, err := r.git(ctx, nil, nil, "merge-base", "--is-ancestor", a, b)
	return err == nil
}

// MergeBase is the best common ancestor.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := r.git(ctx, nil, nil, "merge-base", a, b)
	return strings.TrimSpace(out), err
}

const commitFormat = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B%x00%x01"

func (r *Repo) commits(ctx context.Context, args ...string) ([]Commit, error) {
	out, err := r.git(ctx, nil, nil, append([]string{"log", "--format=" + commitFormat}, args...)...)
	if err != nil {
		return nil, err
	}
	var list []Commit
	for chunk := range strings.SplitSeq(out, "\x00\x01") {
		f := strings.Split(strings.TrimPrefix(chunk, "\n"), "\x00")
		if len(f) < 10 {
			continue
		}
		list = append(list, Commit{
			SHA: f[0], Tree: f[1], Parents: strings.Fields(f[2]),
			Author: signature(f[3], f[4], f[5]), Committer: signature(f[6], f[7], f[8]), Message: strings.TrimRight(f[9], "\n"),
		})
	}
	return list, nil
}

func signature(name, email, unix string) Signature {
	s, _ := strconv.ParseInt(unix, 10, 64)
	return Signature{name, email, time.Unix(s, 0).UTC()}
}

// Commit reads one commit.
func (r *Repo) Commit(ctx context.Context, rev string) (Commit, error) {
	list, err := r.commits(ctx, "-1", "--end-of-options", rev)
	if err != nil || len(list) == 0 {
		return Commit{}, fmt.Errorf("commit %s: %w", rev, ErrNotFound)
	}
	return list[0], nil
}

// Log lists the commits of a revision, newest first.
func (r *Repo) Log(ctx context.Context, rev string, max int) ([]Commit, error) {
	return r.commits(ctx, "-"+strconv.Itoa(max), "--end-of-options", rev)
}

// Between are the commits that head has and base lacks, oldest first, and how many base has that head lacks.
func (r *Repo) Between(ctx context.Context, base, head string) (ahead []Commit, behind int, err error) {
	ahead, err = r.commits(ctx, "--reverse", base+".."+head)
	if err != nil {
		return nil, 0, err
	}
	out, err := r.git(ctx, nil, nil, "rev-list", "--count", head+".."+base)
	if err != nil {
		return nil, 0, err
	}
	behind, err = strconv.Atoi(strings.TrimSpace(out))
	return ahead, behind, err
}

// Diff lists the files that differ.
func (r *Repo) Diff(ctx context.Context, base, head string) ([]FileChange, error) {
	out, err := r.git(ctx, nil, nil, "diff-tree", "-r", "--no-renames", "--raw", "-z", "--full-index", base, head)
	if err != nil {
		return nil, err
	}
	var list []FileChange
	f := strings.Split(out, "\x00")
	for i := 0; i+1 < len(f); i += 2 {
		meta := strings.Fields(f[i])
		if len(meta) < 5 {
			continue
		}
		status := map[string]string{"A": "added", "M": "modified", "D": "removed", "T": "changed"}[meta[4]]
		sha := meta[3]
		if status == "removed" {
			sha = meta[2]
		}
		list = append(list, FileChange{Path: f[i+1], Status: status, SHA: sha})
	}
	return list, nil
}

// WriteCommit makes a commit object.
func (r *Repo) WriteCommit(ctx context.Context, tree string, parents []string, author, committer Signature, message string) (string, error) {
	args := []string{"commit-tree", tree}
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	stamp := func(s Signature) string { return fmt.Sprintf("%d +0000", s.When.Unix()) }
	out, err := r.git(ctx, []byte(message), []string{
		"GIT_AUTHOR_NAME=" + author.Name, "GIT_AUTHOR_EMAIL=" + author.Email, "GIT_AUTHOR_DATE=" + stamp(author),
		"GIT_COMMITTER_NAME=" + committer.Name, "GIT_COMMITTER_EMAIL=" + committer.Email, "GIT_COMMITTER_DATE=" + stamp(committer),
	}, args...)
	return strings.TrimSpace(out), err
}

// Tree lists a tree; recursive lists the files in it.
func (r *Repo) Tree(ctx context.Context, rev string, recursive bool) ([]TreeEntry, error) {
	args := []string{"ls-tree", "-z"}
	if recursive {
		args = append(args, "-r")
	}
	out, err := r.git(ctx, nil, nil, append(args, "--end-of-options", rev)...)
	if err != nil {
		return nil, fmt.Errorf("tree %s: %w", rev, ErrNotFound)
	}
	var list []TreeEntry
	for l := range strings.SplitSeq(strings.TrimRight(out, "\x00"), "\x00") {
		meta, path, ok := strings.Cut(l, "\t")
		f := strings.Fields(meta)
		if ok && len(f) == 3 {
			list = append(list, TreeEntry{Path: path, Mode: f[0], Type: f[1], SHA: f[2]})
		}
	}
	return list, nil
}

// WriteTree makes a tree of a base (a tree or commit, empty for none) and changes.
func (r *Repo) WriteTree(ctx context.Context, base string, changes []TreeChange) (string, error) {
	index, err := os.CreateTemp("", "slipway-index-*")
	if err != nil {
		return "", err
	}
	_ = index.Close()
	_ = os.Remove(index.Name())
	defer os.Remove(index.Name())
	env := []string{"GIT_INDEX_FILE=" + index.Name()}
	if base != "" {
		if _, err := r.git(ctx, nil, env, "read-tree", base); err != nil {
			return "", fmt.Errorf("tree %s: %w", base, ErrNotFound)
		}
	}
	var in bytes.Buffer
	for _, c := range changes {
		sha, mode := c.SHA, c.Mode
		if mode == "" {
			mode = "100644"
		}
		if c.Content != nil {
			if sha, err = r.WriteBlob(ctx, []byte(*c.Content)); err != nil {
				return "", err
			}
		}
		if sha == "" {
			sha, mode = zero, "0"
		}
		fmt.Fprintf(&in, "%s %s\t%s\x00", mode, sha, c.Path)
	}
	if _, err := r.git(ctx, in.Bytes(), env, "update-index", "-z", "--index-info"); err != nil {
		return "", err
	}
	out, err := r.git(ctx, nil, env, "write-tree")
	return strings.TrimSpace(out), err
}

// Blob reads a blob.
func (r *Repo) Blob(ctx context.Context, sha string) ([]byte, error) {
	out, err := r.git(ctx, nil, nil, "cat-file", "blob", sha)
	if err != nil {
		return nil, fmt.Errorf("blob %s: %w", sha, ErrNotFound)
	}
	return []byte(out), nil
}

// WriteBlob makes a blob.
func (r *Repo) WriteBlob(ctx context.Context, content []byte) (string, error) {
	out, err := r.git(ctx, content, nil, "hash-object", "-w", "--stdin")
	return strings.TrimSpace(out), err
}

// File reads a file at a revision.
func (r *Repo) File(ctx context.Context, rev, path string) (content []byte, sha string, err error) {
	out, err := r.git(ctx, nil, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+":"+path)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, ErrNotFound)
	}
	sha = strings.TrimSpace(out)
	content, err = r.Blob(ctx, sha)
	return content, sha, err
}

// WriteTag makes the object of an annotated tag, and no reference.
func (r *Repo) WriteTag(ctx context.Context, t Tag) (string, error) {
	text := fmt.Sprintf("object %s\ntype %s\ntag %s\ntagger %s <%s> %d +0000\n\n%s\n",
		t.Object, t.ObjectType, t.Name, t.Tagger.Name, t.Tagger.Email, t.Tagger.When.Unix(), strings.TrimRight(t.Message, "\n"))
	out, err := r.git(ctx, []byte(text), nil, "hash-object", "-t", "tag", "-w", "--stdin")
	return strings.TrimSpace(out), err
}

// Tag reads the object of an annotated tag.
func (r *Repo) Tag(ctx context.Context, sha string) (Tag, error) {
	out, err := r.git(ctx, nil, nil, "cat-file", "tag", sha)
	if err != nil {
		return Tag{}, fmt.Errorf("tag %s: %w", sha, ErrNotFound)
	}
	head, message, _ := strings.Cut(out, "\n\n")
	t := Tag{SHA: sha, Message: strings.TrimRight(message, "\n")}
	for l := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimRight(l, "\n"), " ")
		switch key {
		case "object":
			t.Object = value
		case "type":
			t.ObjectType = value
		case "tag":
			t.Name = value
		case "tagger":
			name, rest, _ := strings.Cut(value, " <")
			email, when, _ := strings.Cut(rest, "> ")
			unix, _, _ := strings.Cut(when, " ")
			t.Tagger = signature(name, email, unix)
		}
	}
	return t, nil
}

// Merge merges theirs into ours and gives the tree. On a conflict nothing is made and the files are named.
func (r *Repo) Merge(ctx context.Context, ours, theirs string) (tree string, conflicts []string, err error) {
	out, err := r.git(ctx, nil, nil, "merge-tree", "--write-tree", "--name-only", "--no-messages", ours, theirs)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		l := strings.Split(strings.TrimSpace(out), "\n")
		return "", slices.Compact(l[1:]), ErrConflict
	}
	if err != nil {
		return "", nil, err
	}
	return strings.TrimSpace(strings.SplitN(out, "\n", 2)[0]), nil, nil
}

// Copy makes a copy of the whole repository, for templates.
func (r *Repo) Copy(dir string) (*Repo, error) {
	if err := os.CopyFS(dir, os.DirFS(r.Dir)); err != nil {
		return nil, fmt.Errorf("copy %s: %w", filepath.Base(r.Dir), err)
	}
	return &Repo{Dir: dir}, nil
}
