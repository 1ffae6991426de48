package gitrepo

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Borrow lets an empty repository begin with the history of another one: it reads the objects of the other where they
// are, and never writes there. objects is its folder of objects, and refs are the references to begin with, by their
// full names; those that GitHub would refuse are left out. Every object that they lead to has to be there.
func (r *Repo) Borrow(objects string, refs map[string]string) error {
	objects, err := filepath.Abs(objects)
	if err != nil {
		return fmt.Errorf("borrow objects: %w", err)
	}
	var packed strings.Builder
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		if !isSHA(refs[name]) {
			return fmt.Errorf("borrow %s at %q: %w", name, refs[name], ErrInvalid)
		}
		if !validRef(name) {
			continue
		}
		fmt.Fprintf(&packed, "%s %s\n", refs[name], name)
	}
	for file, content := range map[string]string{
		"objects/info/alternates": objects + "\n", "packed-refs": packed.String(),
	} {
		if err := os.WriteFile(filepath.Join(r.Dir, file), []byte(content), 0o644); err != nil {
			return fmt.Errorf("borrow objects: %w", err)
		}
	}
	return nil
}
