package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// object is what a name stands for: kind is blob, tree, commit or tag.
type object struct {
	kind string
	data []byte
}

// cache holds objects that were read, which never change: the history of a release is walked again and again.
type cache struct {
	mu   sync.Mutex
	m    map[string]object
	size int
}

// cacheSize bounds the bytes that a repository's cache holds; a full cache starts anew.
const cacheSize = 16 << 20

func newCache() *cache { return &cache{m: map[string]object{}} }

func (c *cache) get(sha string) (object, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.m[sha]
	return o, ok
}

// put keeps an object; blobs, which are read once or never, are left out.
func (c *cache) put(sha string, o object) {
	const overhead = 200
	if o.kind == "blob" || len(o.data) > cacheSize/16 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size+len(o.data)+overhead > cacheSize {
		clear(c.m)
		c.size = 0
	}
	if _, ok := c.m[sha]; !ok {
		c.m[sha] = o
		c.size += len(o.data) + overhead
	}
}

// isSHA says whether the text is a whole object name.
func isSHA(s string) bool { return len(s) == 40 && isHex(s) }

func isHex(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return (c < '0' || c > '9') && (c < 'a' || c > 'f') })
}

// object reads an object by its whole name.
func (r *Repo) object(ctx context.Context, sha string) (object, error) {
	if !isSHA(sha) {
		return object{}, fmt.Errorf("object %q: %w", sha, ErrNotFound)
	}
	if o, ok := r.cache.get(sha); ok {
		return o, nil
	}
	o, err := readLoose(r.loose(sha))
	if errors.Is(err, os.ErrNotExist) {
		if !r.packed() {
			return object{}, fmt.Errorf("object %s: %w", sha, ErrNotFound)
		}
		o, err = r.batch.contents(ctx, sha)
	}
	if err != nil {
		return object{}, fmt.Errorf("object %s: %w", sha, err)
	}
	r.cache.put(sha, o)
	return o, nil
}

// info is the kind and size of an object, without its content.
func (r *Repo) info(ctx context.Context, sha string) (kind string, size int64, err error) {
	if !isSHA(sha) {
		return "", 0, fmt.Errorf("object %q: %w", sha, ErrNotFound)
	}
	if o, ok := r.cache.get(sha); ok {
		return o.kind, int64(len(o.data)), nil
	}
	kind, size, err = looseInfo(r.loose(sha))
	if errors.Is(err, os.ErrNotExist) {
		if !r.packed() {
			return "", 0, fmt.Errorf("object %s: %w", sha, ErrNotFound)
		}
		kind, size, err = r.batch.info(ctx, sha)
	}
	if err != nil {
		return "", 0, fmt.Errorf("object %s: %w", sha, err)
	}
	return kind, size, nil
}

// kindOf is what an object is, "" when it is not there.
func (r *Repo) kindOf(ctx context.Context, sha string) (string, error) {
	kind, _, err := r.info(ctx, sha)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return kind, err
}

// needs refuses an object that is not there, or is of another kind.
func (r *Repo) needs(ctx context.Context, sha, kind string) error {
	got, err := r.kindOf(ctx, sha)
	switch {
	case err != nil:
		return err
	case got == "":
		return fmt.Errorf("%s %s: %w", kind, sha, ErrNotFound)
	case got != kind:
		return fmt.Errorf("%s is a %s and no %s: %w", sha, got, kind, ErrInvalid)
	}
	return nil
}

// Has says whether an object of that whole name exists, of whatever kind.
func (r *Repo) Has(ctx context.Context, sha string) bool {
	_, _, err := r.info(ctx, sha)
	return err == nil
}

// packed says whether there may be objects outside the loose ones. A push of a hundred objects or more makes a pack
// (receive.unpackLimit).
func (r *Repo) packed() bool {
	if _, err := os.Stat(filepath.Join(r.Dir, "objects/info/alternates")); err == nil {
		return true
	}
	files, err := os.ReadDir(filepath.Join(r.Dir, "objects/pack"))
	if err != nil {
		return false
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".pack") {
			return true
		}
	}
	return false
}

// peel follows tags to what they name.
func (r *Repo) peel(ctx context.Context, sha string) (at, kind string, err error) {
	for at = sha; ; {
		kind, _, err := r.info(ctx, at)
		if err != nil || kind != "tag" {
			return at, kind, err
		}
		t, err := r.Tag(ctx, at)
		if err != nil {
			return at, "", err
		}
		at = t.Object
	}
}
