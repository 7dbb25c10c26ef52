package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"physintuition"
	pb "physintuition/v1"
)

// object is a JSON object in the making.
type object map[string]interface{}

var typeNames = map[pb.DataType]string{
	pb.DataType_DATA_TYPE_UINT8: "uint8", pb.DataType_DATA_TYPE_INT32: "int32",
	pb.DataType_DATA_TYPE_INT64: "int64", pb.DataType_DATA_TYPE_UINT64: "uint64",
	pb.DataType_DATA_TYPE_FLOAT32: "float32", pb.DataType_DATA_TYPE_FLOAT64: "float64",
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])[:32]
}

func bytesOf(data []byte) string {
	if len(data) <= 32 {
		return hex.EncodeToString(data)
	}
	return digest(data)
}

// observations in canonical form, from what the client gives for them.
func observations(values physintuition.Observations) []interface{} {
	list := []interface{}{}
	for _, value := range values {
		told := object{"name": value.Name}
		switch {
		case value.Files != nil:
			var all []byte
			for _, file := range value.Files {
				all = append(all, file...)
			}
			told["files"], told["data"] = len(value.Files), digest(all)
		case value.Shape != nil:
			shape := []interface{}{}
			for _, length := range value.Shape {
				shape = append(shape, int(length))
			}
			told["type"], told["shape"], told["data"] = typeNames[value.Type], shape, bytesOf(value.Data)
		default:
			told["texts"], told["data"] = len(value.Texts), digest([]byte(joined(value.Texts)))
		}
		list = append(list, told)
	}
	return list
}

func float32Bytes(values []float32) []byte {
	data := make([]byte, 4*len(values))
	for i, value := range values {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(value))
	}
	return data
}

func flagBytes(values []bool) []byte {
	data := make([]byte, len(values))
	for i, value := range values {
		if value {
			data[i] = 1
		}
	}
	return data
}

func joined(texts []string) string {
	var all strings.Builder
	for _, text := range texts {
		all.WriteString(text)
		all.WriteByte(0)
	}
	return all.String()
}

// write gives JSON without white space, keys sorted, strings escaped as JSON.stringify does.
func write(target *strings.Builder, value interface{}) {
	switch value := value.(type) {
	case object:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for i, key := range keys {
			target.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
			quote(target, key)
			target.WriteByte(':')
			write(target, value[key])
		}
		target.WriteString(map[bool]string{true: "{}", false: "}"}[len(keys) == 0])
	case []interface{}:
		target.WriteByte('[')
		for i, element := range value {
			if i > 0 {
				target.WriteByte(',')
			}
			write(target, element)
		}
		target.WriteByte(']')
	case string:
		quote(target, value)
	case int:
		target.WriteString(strconv.Itoa(value))
	default:
		panic(fmt.Sprintf("no canonical form for %T", value))
	}
}

var short = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func quote(target *strings.Builder, text string) {
	target.WriteByte('"')
	for _, scalar := range text {
		if escaped, ok := short[scalar]; ok {
			target.WriteString(escaped)
		} else if scalar < 0x20 {
			fmt.Fprintf(target, `\u%04x`, scalar)
		} else {
			target.WriteRune(scalar)
		}
	}
	target.WriteByte('"')
}
