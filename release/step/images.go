package step

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// Images looks for container images, and for whatever else lies in registries: Helm charts are there as well.
type Images interface {
	// Image is the digest of REGISTRY/NAME:TAG. found is false where the registry has none of that name.
	Image(ctx context.Context, reference string) (digest string, found bool, err error)
}

// MissingImages are those of the references that their registries do not have, as Markdown. One whose registry cannot
// be asked is told with the reason, which is in unanswered as well: it may be down, or its name may be wrong, and
// nobody should wait for it without a word.
func MissingImages(ctx context.Context, registry Images, references []string) (missing []string, unanswered,
	err error) {
	if registry == nil {
		return nil, nil, errors.New("this server is not configured to ask registries")
	}
	for _, r := range references {
		_, found, err := registry.Image(ctx, r)
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case err != nil:
			unanswered = fmt.Errorf("look for the image %s: %w", r, err)
			missing = append(missing, markdown.Code(r)+" ("+Unanswered(err)+")")
		case !found:
			missing = append(missing, markdown.Code(r))
		}
	}
	return missing, unanswered, nil
}

// NotAsked is why a host is not asked: the configuration of the server does not allow it.
type NotAsked struct {
	Why  string // in a clause
	Line string // of the configuration that allows it
}

func (e *NotAsked) Error() string {
	return e.Why + "; the operator of Slipway can allow it in the configuration of the server: " + e.Line
}

// Unanswered tells why a registry could not be asked.
func Unanswered(err error) string {
	if not, is := errors.AsType[*NotAsked](err); is {
		return markdown.Text(not.Why) + "; the operator of Slipway can allow it in the configuration of the server: " +
			markdown.Code(not.Line)
	}
	return "its registry does not answer: " + reason(err)
}

// reason is the innermost words of an error, such that they cannot break out of a sentence.
func reason(err error) string {
	why := strings.Join(strings.Fields(err.Error()), " ")
	if i := strings.LastIndex(why, ": "); i >= 0 {
		why = why[i+2:]
	}
	return markdown.Text(why)
}

// waitImages waits until registries have what a workflow pushes there. That the workflow succeeded does not say so: a
// job that was left out pushes nothing.
type waitImages struct {
	params.WaitImages
}

func (waitImages) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (k waitImages) Observe(ctx context.Context, in Input) (Outcome, error) {
	all := k.Images
	if len(all) == 0 {
		return Outcome{}, errors.New("parameter images: it names none")
	}
	missing, unanswered, err := MissingImages(ctx, in.Images, all)
	if err != nil {
		return Outcome{}, err
	}
	if len(missing) > 0 {
		o := WaitFor(
			strings.Join(missing, " and ")+" in the registry", k.Who,
			"Slipway continues when they are there. If nothing pushes them any more, "+skip(in), time.Time{},
		)
		if unanswered != nil {
			return Outcome{}, &Unseen{Waits: o, Err: unanswered}
		}
		return o, nil
	}
	text := fmt.Sprintf("%d images exist", len(all))
	if len(all) == 1 {
		text = markdown.Text(all[0]) + " exists"
	}
	return DoneWith(Receipt{Text: text}), nil
}

func (waitImages) Act(context.Context, Input) error { return nil }
