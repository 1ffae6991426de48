package gitrepo

import (
	"context"
	"fmt"
	"strings"
)

// Tag is an annotated tag's object. Message has no line feed at its end.
type Tag struct {
	SHA, Name, Message, Object, ObjectType string
	Tagger                                 Signature
}

// Tag reads the object of an annotated tag.
func (r *Repo) Tag(ctx context.Context, sha string) (Tag, error) {
	o, err := r.object(ctx, sha)
	if err != nil {
		return Tag{}, fmt.Errorf("tag: %w", err)
	}
	if o.kind != "tag" {
		return Tag{}, fmt.Errorf("tag: %s is a %s: %w", sha, o.kind, ErrNotFound)
	}
	t := Tag{SHA: sha}
	head, message, _ := strings.Cut(string(o.data), "\n\n")
	t.Message = strings.TrimRight(message, "\n")
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		switch key {
		case "object":
			t.Object = value
		case "type":
			t.ObjectType = value
		case "tag":
			t.Name = value
		case "tagger":
			t.Tagger = parseSignature(value)
		}
	}
	return t, nil
}

// WriteTag makes the object of an annotated tag, and no reference. SHA is ignored; an empty ObjectType is looked up.
func (r *Repo) WriteTag(ctx context.Context, t Tag) (string, error) {
	if !validRef("refs/tags/" + t.Name) {
		return "", fmt.Errorf("write tag: name %q: %w", t.Name, ErrInvalid)
	}
	kind, err := r.kindOf(ctx, t.Object)
	if err == nil && kind == "" {
		err = fmt.Errorf("object %s: %w", t.Object, ErrNotFound)
	}
	if err == nil && t.ObjectType != "" && t.ObjectType != kind {
		err = fmt.Errorf("%s is a %s and no %s: %w", t.Object, kind, t.ObjectType, ErrInvalid)
	}
	if err != nil {
		return "", fmt.Errorf("write tag %s: %w", t.Name, err)
	}
	tagger, err := t.Tagger.line()
	if err != nil {
		return "", fmt.Errorf("write tag %s: tagger: %w", t.Name, err)
	}
	message, err := cleanText(strings.TrimRight(t.Message, "\n"))
	if err != nil {
		return "", fmt.Errorf("write tag %s: message: %w", t.Name, err)
	}
	return r.write("tag", fmt.Appendf(nil, "object %s\ntype %s\ntag %s\ntagger %s\n\n%s\n", t.Object, kind, t.Name,
		tagger, message))
}
