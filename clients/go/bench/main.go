// Steps an environment as often as it is told; ../../README.md has the form.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"physintuition"
	pb "physintuition/v1"
)

func main() {
	ctx := context.Background()
	client, err := physintuition.Connect(os.Args[1])
	check(err)
	defer client.Close()
	slots, edge := whole(os.Args[3]), uint32(whole(os.Args[4]))
	environment, err := client.Make(ctx, physintuition.Settings{
		Task: os.Args[2], Slots: uint32(slots), Autoreset: pb.AutoresetMode_AUTORESET_MODE_NEXT_STEP,
		Observe: []string{"rgb", "info"}, Pictures: physintuition.Pictures{Width: edge, Height: edge},
	})
	check(err)
	_, err = environment.Reset(ctx, physintuition.Seed(0))
	check(err)
	task, err := client.Task(ctx, os.Args[2])
	check(err)
	rows := make([][]float32, slots)
	for i := range rows {
		rows[i] = make([]float32, task.ActionSize)
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		start := time.Now()
		for i := 0; i < whole(lines.Text()); i++ {
			_, err := environment.Step(ctx, physintuition.Numbers(rows...))
			check(err)
		}
		fmt.Println(time.Since(start).Seconds())
	}
}

func whole(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
