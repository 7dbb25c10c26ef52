package physintuition

import (
	"encoding/binary"
	"fmt"
	"math"

	pb "physintuition/v1"
)

// Observation is one named observation of all rows. Exactly one of Data, Files and Texts is set.
type Observation struct {
	Name  string
	Type  pb.DataType // of the elements of Data
	Shape []uint32    // of Data, rows first: rows, height, width, 3
	Data  []byte      // row-major, little-endian
	Files [][]byte    // one PNG or JPEG file for each row
	Texts []string    // one for each row; "info" and "expert" hold JSON
}

// Float32s gives the elements of a tensor of floats.
func (o *Observation) Float32s() ([]float32, error) {
	if o.Type != pb.DataType_DATA_TYPE_FLOAT32 {
		return nil, fmt.Errorf("observation %q holds %v, not float32", o.Name, o.Type)
	}
	return float32s(o.Data), nil
}

// Observations in the order in which they were asked for.
type Observations []Observation

// Get finds an observation by name; nil if it was not asked for.
func (o Observations) Get(name string) *Observation {
	for i := range o {
		if o[i].Name == name {
			return &o[i]
		}
	}
	return nil
}

// Pictures says how pictures come, and turns of a chat.
type Pictures struct {
	Width, Height uint32             // pixels; 0: 224
	Encoding      pb.PictureEncoding // 0: raw
	Samples       uint32             // per edge pixel: 1, 4 or 8; 0: 4
	History       string             // turns of "messages": "new", "all" or a number of the user's last; empty: "new"
}

func (p Pictures) request(names []string) *pb.ObservationRequest {
	return &pb.ObservationRequest{
		Names: names, Width: p.Width, Height: p.Height, Encoding: p.Encoding, Samples: p.Samples,
		History: p.History,
	}
}

func read(observations []*pb.Observation) Observations {
	values := make(Observations, len(observations))
	for i, observation := range observations {
		values[i].Name = observation.Name
		switch content := observation.Content.(type) {
		case *pb.Observation_Tensor:
			values[i].Type, values[i].Shape = content.Tensor.Type, content.Tensor.Shape
			values[i].Data = content.Tensor.Data
		case *pb.Observation_Pictures:
			values[i].Files = content.Pictures.Files
		case *pb.Observation_Texts:
			values[i].Texts = content.Texts.Values
		}
	}
	return values
}

func float32s(data []byte) []float32 {
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values
}

func float32Bytes(rows [][]float32) []byte {
	var data []byte
	var four [4]byte
	for _, row := range rows {
		for _, value := range row {
			binary.LittleEndian.PutUint32(four[:], math.Float32bits(value))
			data = append(data, four[:]...)
		}
	}
	return data
}

func flags(data []byte, rows int) []bool {
	values := make([]bool, rows)
	for i, value := range data {
		values[i] = value != 0
	}
	return values
}
