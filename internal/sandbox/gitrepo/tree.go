package gitrepo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

// TreeEntry is a line of a tree. Size is that of a blob, in bytes, and 0 for others.
type TreeEntry struct {
	Path, Mode, Type, SHA string
	Size                  int64
}

// The modes of a tree's entries, as GitHub's API writes them. In the object itself a folder's mode is 40000.
const (
	modeFile   = "100644"
	modeFolder = "040000"
	modeCommit = "160000" // a submodule, whose commit lies in another repository
)

// entry is a line of a tree's object.
type entry struct{ name, mode, sha string }

func (e entry) folder() bool { return e.mode == modeFolder }

// kind is what the mode says that the object is.
func (e entry) kind() string {
	switch e.mode {
	case modeFolder:
		return "tree"
	case modeCommit:
		return "commit"
	}
	return "blob"
}

// parseTree reads the lines "MODE NAME\0" and 20 bytes of SHA.
func parseTree(data []byte) ([]entry, error) {
	var list []entry
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		mode, name, space := strings.Cut(string(head), " ")
		if !ok || !space || len(rest) < 20 {
			return nil, fmt.Errorf("tree is damaged after %d lines", len(list))
		}
		if mode == "40000" {
			mode = modeFolder
		}
		list = append(list, entry{name, mode, hex.EncodeToString(rest[:20])})
		data = rest[20:]
	}
	return list, nil
}

// formatTree is the object of the lines, in git's order: a folder sorts as if its name ended with a slash.
func formatTree(list []entry) ([]byte, error) {
	key := func(e entry) string {
		if e.folder() {
			return e.name + "/"
		}
		return e.name
	}
	list = slices.SortedFunc(slices.Values(list), func(a, b entry) int { return cmp.Compare(key(a), key(b)) })
	var out []byte
	for _, e := range list {
		sha, err := hex.DecodeString(e.sha)
		if err != nil {
			return nil, fmt.Errorf("%s: object %q: %w", e.name, e.sha, ErrInvalid)
		}
		out = append(out, strings.TrimPrefix(e.mode, "0")+" "+e.name+"\x00"...)
		out = append(out, sha...)
	}
	return out, nil
}

// entries reads a tree by its SHA; no SHA is the empty tree.
func (r *Repo) entries(ctx context.Context, sha string) ([]entry, error) {
	if sha == "" {
		return nil, nil
	}
	o, err := r.object(ctx, sha)
	if err != nil {
		return nil, err
	}
	if o.kind != "tree" {
		return nil, fmt.Errorf("%s is a %s and no tree: %w", sha, o.kind, ErrNotFound)
	}
	return parseTree(o.data)
}

// treeOf is the tree of a tree's SHA, or of anything that Resolve knows.
func (r *Repo) treeOf(ctx context.Context, rev string) (string, error) {
	if isSHA(rev) {
		sha, kind, err := r.peel(ctx, rev)
		if err != nil || kind == "tree" {
			return sha, err
		}
	}
	m, err := r.Commit(ctx, rev)
	return m.Tree, err
}

// Tree lists a tree, given by its own SHA or by a revision. Recursive lists everything below too, folders before what
// is in them, as GitHub does. Paths are relative to the tree.
func (r *Repo) Tree(ctx context.Context, rev string, recursive bool) ([]TreeEntry, error) {
	sha, err := r.treeOf(ctx, rev)
	if err != nil {
		return nil, fmt.Errorf("tree %s: %w", rev, err)
	}
	list, err := r.listTree(ctx, nil, sha, "", recursive)
	if err != nil {
		return nil, fmt.Errorf("tree %s: %w", rev, err)
	}
	return list, nil
}

func (r *Repo) listTree(ctx context.Context, list []TreeEntry, sha, below string, recursive bool) ([]TreeEntry, error) {
	lines, err := r.entries(ctx, sha)
	for _, e := range lines {
		t := TreeEntry{Path: path.Join(below, e.name), Mode: e.mode, Type: e.kind(), SHA: e.sha}
		if t.Type == "blob" {
			if _, t.Size, err = r.info(ctx, e.sha); err != nil {
				return nil, err
			}
		}
		list = append(list, t)
		if recursive && e.folder() {
			if list, err = r.listTree(ctx, list, e.sha, t.Path, true); err != nil {
				return nil, err
			}
		}
	}
	return list, err
}

// Entry finds what is at a path of a revision: a file, a symbolic link, a folder or a submodule.
func (r *Repo) Entry(ctx context.Context, rev, name string) (TreeEntry, error) {
	sha, err := r.treeOf(ctx, rev)
	if err != nil {
		return TreeEntry{}, fmt.Errorf("%s at %s: %w", name, rev, err)
	}
	at := entry{mode: modeFolder, sha: sha}
	for part := range strings.SplitSeq(name, "/") {
		if !at.folder() {
			return TreeEntry{}, fmt.Errorf("%s at %s: %w", name, rev, ErrNotFound)
		}
		lines, err := r.entries(ctx, at.sha)
		if err != nil {
			return TreeEntry{}, fmt.Errorf("%s at %s: %w", name, rev, err)
		}
		i := slices.IndexFunc(lines, func(e entry) bool { return e.name == part })
		if i < 0 {
			return TreeEntry{}, fmt.Errorf("%s at %s: %w", name, rev, ErrNotFound)
		}
		at = lines[i]
	}
	out := TreeEntry{Path: name, Mode: at.mode, Type: at.kind(), SHA: at.sha}
	if out.Type == "blob" {
		if _, out.Size, err = r.info(ctx, at.sha); err != nil {
			return TreeEntry{}, fmt.Errorf("%s at %s: %w", name, rev, err)
		}
	}
	return out, nil
}

// File reads a file at a revision; of a symbolic link that is its target. ErrNotFound also for a folder.
func (r *Repo) File(ctx context.Context, rev, name string) (content []byte, sha string, err error) {
	e, err := r.Entry(ctx, rev, name)
	if err != nil {
		return nil, "", err
	}
	if e.Type != "blob" {
		return nil, "", fmt.Errorf("%s at %s is a %s and no file: %w", name, rev, e.Type, ErrNotFound)
	}
	content, err = r.Blob(ctx, e.SHA)
	return content, e.SHA, err
}

// Blob reads a blob.
func (r *Repo) Blob(ctx context.Context, sha string) ([]byte, error) {
	o, err := r.object(ctx, sha)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if o.kind != "blob" {
		return nil, fmt.Errorf("blob: %s is a %s: %w", sha, o.kind, ErrNotFound)
	}
	return o.data, nil
}

// WriteBlob makes a blob of these very bytes: no line ending is converted.
func (r *Repo) WriteBlob(_ context.Context, content []byte) (string, error) {
	return r.write("blob", content)
}
