package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Ref is a reference: refs/heads/main. Peeled is what it names in the end, which differs from SHA for an annotated tag.
type Ref struct{ Name, SHA, Type, Peeled string }

// Refs lists the references whose full names begin with the prefix, by name.
func (r *Repo) Refs(ctx context.Context, prefix string) ([]Ref, error) {
	// Loose ones first: git packs a reference before it removes the loose one, so none can slip through.
	names := map[string]string{}
	root := filepath.Join(r.Dir, "refs")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(r.Dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if d.IsDir() {
			if !strings.HasPrefix(name+"/", prefix) && !strings.HasPrefix(prefix, name+"/") {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasPrefix(name, prefix) && validRef(name) {
			names[name], err = r.looseRef(name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("references %s: %w", prefix, err)
	}
	packed, err := r.packedRefs()
	if err != nil {
		return nil, fmt.Errorf("references %s: %w", prefix, err)
	}
	for name, sha := range packed {
		if names[name] == "" && strings.HasPrefix(name, prefix) {
			names[name] = sha
		}
	}
	refs := make([]Ref, 0, len(names))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if names[name] == "" {
			continue // deleted since the folder was read
		}
		ref, err := r.ref(ctx, name, names[name])
		if err != nil {
			return nil, fmt.Errorf("references %s: %w", prefix, err)
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// Ref finds one reference by its full name.
func (r *Repo) Ref(ctx context.Context, name string) (Ref, error) {
	sha, err := r.readRef(name)
	if err == nil && sha == "" {
		err = ErrNotFound
	}
	if err != nil {
		return Ref{}, fmt.Errorf("reference %s: %w", name, err)
	}
	return r.ref(ctx, name, sha)
}

func (r *Repo) ref(ctx context.Context, name, sha string) (Ref, error) {
	kind, _, err := r.info(ctx, sha)
	if err != nil {
		return Ref{}, fmt.Errorf("reference %s: %w", name, err)
	}
	peeled, _, err := r.peel(ctx, sha)
	if err != nil {
		return Ref{}, fmt.Errorf("reference %s: %w", name, err)
	}
	return Ref{Name: name, SHA: sha, Type: kind, Peeled: peeled}, nil
}

// readRef is the SHA that a reference holds, "" when there is none.
func (r *Repo) readRef(name string) (string, error) {
	if !validRef(name) {
		return "", nil
	}
	sha, err := r.looseRef(name)
	if err != nil || sha != "" {
		return sha, err
	}
	packed, err := r.packedRefs()
	return packed[name], err
}

func (r *Repo) looseRef(name string) (string, error) {
	// Git allows five symbolic references in a row.
	for range 5 {
		text, err := os.ReadFile(r.refFile(name))
		switch {
		// A folder of that name, or a file in place of a folder above it, is another reference.
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR):
			return "", nil
		case err != nil:
			return "", err
		}
		content := strings.TrimSpace(string(text))
		if isSHA(content) {
			return content, nil
		}
		target, symbolic := strings.CutPrefix(content, "ref: ")
		if !symbolic || !validRef(target) {
			return "", fmt.Errorf("%s: damaged: %q", name, content)
		}
		name = target
	}
	return "", fmt.Errorf("%s: symbolic references go in a circle", name)
}

func (r *Repo) refFile(name string) string { return filepath.Join(r.Dir, filepath.FromSlash(name)) }

// packedRefs reads the file that git pack-refs and git clone write: lines of "SHA NAME".
func (r *Repo) packedRefs() (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(r.Dir, "packed-refs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	refs := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sha, name, ok := strings.Cut(strings.TrimRight(line, "\n"), " ")
		if ok && isSHA(sha) { // else a comment, or "^SHA", what the tag above peels to
			refs[name] = sha
		}
	}
	return refs, err
}

// Resolve turns a branch, a tag, HEAD, a full reference, a SHA or the beginning of one (4 digits and more) into the SHA
// of a commit, in git's own order: a tag goes before a branch of the same name. ErrNotFound when nothing or too much
// fits.
func (r *Repo) Resolve(ctx context.Context, rev string) (string, error) {
	sha, err := r.resolve(ctx, rev)
	if err == nil {
		var kind string
		if sha, kind, err = r.peel(ctx, sha); err == nil && kind == "commit" {
			return sha, nil
		}
	}
	if err == nil || errors.Is(err, ErrNotFound) {
		return "", fmt.Errorf("%q: %w", rev, ErrNotFound)
	}
	return "", fmt.Errorf("resolve %q: %w", rev, err)
}

func (r *Repo) resolve(ctx context.Context, rev string) (string, error) {
	if isSHA(rev) {
		return rev, nil
	}
	if strings.ContainsAny(rev, "~^:{") { // v1.0~2 and the like
		return r.revParse(ctx, rev)
	}
	if rev == "HEAD" || rev == "@" {
		text, err := os.ReadFile(filepath.Join(r.Dir, "HEAD"))
		if err != nil {
			return "", err
		}
		rev = strings.TrimSpace(strings.TrimPrefix(string(text), "ref: "))
	}
	for _, prefix := range []string{"", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"} {
		if sha, err := r.readRef(prefix + rev); err != nil || sha != "" {
			return sha, err
		}
	}
	if len(rev) < 4 || len(rev) > 40 || !isHex(strings.ToLower(rev)) {
		return "", ErrNotFound
	}
	if r.packed() {
		return r.revParse(ctx, rev)
	}
	return r.abbreviated(ctx, strings.ToLower(rev))
}

// revParse leaves a revision to git, which says no more about one that it does not know than exit code 1.
func (r *Repo) revParse(ctx context.Context, rev string) (string, error) {
	out, err := r.git(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if exited(err) != 0 {
		return "", ErrNotFound
	}
	return strings.TrimSpace(out), err
}

// abbreviated finds the one commit, or tag of a commit, whose name begins so.
func (r *Repo) abbreviated(ctx context.Context, begin string) (string, error) {
	files, err := os.ReadDir(filepath.Join(r.Dir, "objects", begin[:2]))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var found []string
	for _, f := range files {
		sha := begin[:2] + f.Name()
		if !isSHA(sha) || !strings.HasPrefix(sha, begin) {
			continue
		}
		if _, kind, err := r.peel(ctx, sha); err == nil && kind == "commit" {
			found = append(found, sha)
		}
	}
	if len(found) != 1 {
		return "", ErrNotFound
	}
	return found[0], nil
}
