package physintuition

import (
	"context"
	"io"

	"google.golang.org/grpc"

	pb "physintuition/v1"
)

// ScoreSettings of Score.
type ScoreSettings struct {
	Split   string   // empty: "train"
	Options string   // the task's options as a JSON object
	Observe []string // to return beside the rewards
	Turns   []uint32 // how many answers belong to each seed, where they are conversations; empty: one
}

// Score judges answers, or conversations of several, without an environment: one reward for each seed.
func (c *Client) Score(
	ctx context.Context, task string, seeds []uint64, answers Actions, settings ScoreSettings,
) ([]float32, Observations, error) {
	rows := len(seeds)
	if len(settings.Turns) > 0 {
		rows = 0
		for _, count := range settings.Turns {
			rows += int(count)
		}
	}
	if err := answers.check(rows); err != nil {
		return nil, nil, err
	}
	request := &pb.ScoreRequest{
		Task: task, Split: settings.Split, OptionsJson: settings.Options, Seeds: seeds,
		Turns: settings.Turns, Observe: &pb.ObservationRequest{Names: settings.Observe},
	}
	if answers.texts != nil {
		request.Actions = &pb.ScoreRequest_Texts{Texts: &pb.TextActions{Answers: answers.texts}}
	} else {
		request.Actions = &pb.ScoreRequest_Numbers{Numbers: float32Bytes(answers.numbers)}
	}
	var reply *pb.ScoreReply
	err := c.call(ctx, noSession, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		reply, err = c.service().Score(ctx, request, trailer)
		return err
	})
	return float32s(reply.GetRewards()), read(reply.GetObservations()), err
}

// DatasetSettings of Dataset.
type DatasetSettings struct {
	Split     string // empty: "train"
	Options   string // the task's options as a JSON object
	FirstSeed uint64
	Count     uint32
	Observe   []string // columns
	Pictures  Pictures
}

// Rows are some rows of a dataset: their seeds, and each column's values.
type Rows struct {
	Seeds   []uint64
	Columns Observations
}

// Append gives these rows and more of the same columns. Like the built-in append it may use the memory of r, so keep
// only what it gives.
func (r Rows) Append(more Rows) Rows {
	if r.Columns == nil {
		return more
	}
	joined := Rows{append(r.Seeds, more.Seeds...), make(Observations, len(r.Columns))}
	for i, column := range r.Columns {
		other := more.Columns[i]
		if column.Shape != nil {
			column.Shape = append([]uint32{column.Shape[0] + other.Shape[0]}, column.Shape[1:]...)
		}
		column.Data = append(column.Data, other.Data...)
		column.Files = append(column.Files, other.Files...)
		column.Texts = append(column.Texts, other.Texts...)
		joined.Columns[i] = column
	}
	return joined
}

// First gives the first rows, at most count. They share the memory of r.
func (r Rows) First(count int) Rows {
	if count >= len(r.Seeds) {
		return r
	}
	some := Rows{r.Seeds[:count:count], append(Observations{}, r.Columns...)}
	for i, column := range some.Columns {
		if column.Shape != nil {
			rowBytes := len(column.Data) / int(column.Shape[0])
			column.Data = column.Data[: count*rowBytes : count*rowBytes]
			column.Shape = append([]uint32{uint32(count)}, column.Shape[1:]...)
		} else if column.Files != nil {
			column.Files = column.Files[:count:count]
		} else {
			column.Texts = column.Texts[:count:count]
		}
		some.Columns[i] = column
	}
	return some
}

// Dataset streams rows of a split to a function, in chunks, until all have come or the function returns an error.
// An error of io.EOF ends the stream early without being one.
func (c *Client) Dataset(
	ctx context.Context, task string, settings DatasetSettings, each func(Rows) error,
) error {
	ctx, cancel := context.WithCancel(c.authorised(ctx))
	defer cancel()
	stream, err := c.service().StreamDataset(ctx, &pb.StreamDatasetRequest{
		Task: task, Split: settings.Split, OptionsJson: settings.Options, FirstSeed: settings.FirstSeed,
		Count: settings.Count, Observe: settings.Pictures.request(settings.Observe),
	})
	if err != nil {
		return errorFrom(err, nil)
	}
	for {
		chunk, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errorFrom(err, stream.Trailer())
		}
		if err := each(Rows{chunk.Seeds, read(chunk.Columns)}); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
