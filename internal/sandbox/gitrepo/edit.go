package gitrepo

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// TreeChange changes one path. With Content, the path becomes a file of it; with SHA, that object (a blob, a tree for
// mode 040000, a commit of a submodule for 160000); with neither, the path is deleted. An empty Mode keeps that of a
// file that is there, and is 100644 for a new one.
type TreeChange struct {
	Path, Mode, SHA string
	Content         *string
}

// WriteTree makes a tree of a base (the SHA of a tree, or a revision; empty for none) and changes, in their order. A
// file gives way to a folder of its name, and the reverse; a folder that becomes empty is gone. ErrNotFound for a path
// to delete, or an object, that is not there; ErrInvalid for a path or mode that git would refuse.
func (r *Repo) WriteTree(ctx context.Context, base string, changes []TreeChange) (string, error) {
	root := &folder{}
	if base != "" {
		sha, err := r.treeOf(ctx, base)
		if err != nil {
			return "", fmt.Errorf("write tree: base: %w", err)
		}
		root.sha = sha
	}
	for _, c := range changes {
		if err := r.apply(ctx, root, c); err != nil {
			return "", fmt.Errorf("write tree: %s: %w", c.Path, err)
		}
	}
	sha, _, err := r.writeFolder(root)
	if err != nil {
		return "", fmt.Errorf("write tree: %w", err)
	}
	return sha, nil
}

// folder is a tree in change: its lines are read when the first change goes below it.
type folder struct {
	sha   string // what it was made of
	lines []line // meaningful once open
	open  bool
}

// line is an entry whose folder, once changed, has no SHA yet.
type line struct {
	entry
	below *folder
}

func (r *Repo) apply(ctx context.Context, at *folder, c TreeChange) error {
	parts := strings.Split(c.Path, "/")
	if slices.ContainsFunc(parts, badName) {
		return fmt.Errorf("path: %w", ErrInvalid)
	}
	deletes := c.SHA == "" && c.Content == nil
	for {
		if err := r.openFolder(ctx, at); err != nil {
			return err
		}
		i := slices.IndexFunc(at.lines, func(l line) bool { return l.name == parts[0] })
		if len(parts) == 1 {
			return r.change(ctx, at, i, parts[0], c)
		}
		switch {
		case deletes && (i < 0 || !at.lines[i].folder()):
			return fmt.Errorf("path: %w", ErrNotFound)
		case i < 0:
			i = len(at.lines)
			at.lines = append(at.lines, line{})
			fallthrough
		case !at.lines[i].folder():
			at.lines[i] = line{entry{name: parts[0], mode: modeFolder}, &folder{open: true}}
		case at.lines[i].below == nil:
			at.lines[i].below = &folder{sha: at.lines[i].sha}
		}
		at, parts = at.lines[i].below, parts[1:]
	}
}

// badName says that git refuses the name in a tree (verify_path): also the names that a Windows or Mac would take for
// .git.
func badName(name string) bool {
	lower := strings.ToLower(name)
	return name == "" || name == "." || name == ".." || lower == ".git" || lower == "git~1" ||
		strings.ContainsRune(name, 0)
}

func (r *Repo) openFolder(ctx context.Context, f *folder) error {
	if f.open {
		return nil
	}
	list, err := r.entries(ctx, f.sha)
	for _, e := range list {
		f.lines = append(f.lines, line{entry: e})
	}
	f.open = true
	return err
}

// change makes the change in the folder where it happens; i is where its name is, negative for nowhere.
func (r *Repo) change(ctx context.Context, at *folder, i int, name string, c TreeChange) error {
	if c.SHA == "" && c.Content == nil {
		if i < 0 {
			return fmt.Errorf("path: %w", ErrNotFound)
		}
		at.lines = slices.Delete(at.lines, i, i+1)
		return nil
	}
	e := entry{name: name, mode: c.Mode, sha: c.SHA}
	if e.mode == "" {
		e.mode = modeFile
		if i >= 0 && at.lines[i].kind() == "blob" {
			e.mode = at.lines[i].mode
		}
	}
	if !slices.Contains([]string{modeFile, "100755", "120000", modeFolder, modeCommit}, e.mode) {
		return fmt.Errorf("mode %q: %w", c.Mode, ErrInvalid)
	}
	var err error
	switch {
	case c.Content != nil && e.kind() != "blob":
		return fmt.Errorf("mode %q with content: %w", c.Mode, ErrInvalid)
	case c.Content != nil:
		e.sha, err = r.WriteBlob(ctx, []byte(*c.Content))
	case e.kind() != "commit":
		err = r.needs(ctx, c.SHA, e.kind())
	case !isSHA(c.SHA):
		err = fmt.Errorf("commit %q: %w", c.SHA, ErrInvalid)
	}
	if i < 0 {
		i = len(at.lines)
		at.lines = append(at.lines, line{})
	}
	at.lines[i] = line{entry: e}
	return err
}

// writeFolder writes the changed trees from the bottom up.
func (r *Repo) writeFolder(f *folder) (sha string, empty bool, err error) {
	if !f.open && f.sha != "" {
		return f.sha, false, nil
	}
	var list []entry
	for _, l := range f.lines {
		if l.below != nil {
			sha, empty, err := r.writeFolder(l.below)
			if err != nil {
				return "", false, err
			}
			if empty {
				continue
			}
			l.sha = sha
		}
		list = append(list, l.entry)
	}
	data, err := formatTree(list)
	if err != nil {
		return "", false, err
	}
	sha, err = r.write("tree", data)
	return sha, len(list) == 0, err
}
