// The rules of two games, as the program has them (src/env/cartpole.c, src/env/minatar_breakout.c). A game has
//     actions      their names
//     reset()      begins a game
//     step(action) returns [reward, whether the game is over]
//     observe()    the numbers that the agent gets, as an array
//     draw(canvas)
"use strict";

class CartPole {
  actions = ["left", "right"];
  unit = "steps";

  reset() {
    this.state = [0, 0, 0, 0].map(() => Math.random() * 0.1 - 0.05); // position, speed, angle, speed of the angle
    this.steps = 0;
  }

  step(action) {
    const [x, xSpeed, angle, angleSpeed] = this.state;
    const poleMass = 0.1, mass = poleMass + 1, half = 0.5, seconds = 0.02;
    const sine = Math.sin(angle), cosine = Math.cos(angle);
    const push = ((action === 1 ? 10 : -10) + poleMass * half * angleSpeed * angleSpeed * sine) / mass;
    const turn = (9.8 * sine - cosine * push) / (half * (4 / 3 - poleMass * cosine * cosine / mass));
    const speedUp = push - poleMass * half * turn * cosine / mass;
    this.state = [x + seconds * xSpeed, xSpeed + seconds * speedUp, angle + seconds * angleSpeed, angleSpeed + seconds * turn];
    this.steps++;
    const steepest = 12 * 2 * Math.PI / 360;
    const down = Math.abs(this.state[0]) > 2.4 || Math.abs(this.state[2]) > steepest;
    return [1, down || this.steps >= 500];
  }

  observe() {
    return this.state;
  }

  draw(canvas) {
    const pen = canvas.getContext("2d"), width = canvas.width, height = canvas.height;
    const scale = width / 4.8, ground = height * 0.8, cart = width / 2 + this.state[0] * scale;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = "#000";
    pen.fillRect(0, ground, width, 1);
    pen.fillRect(cart - width / 24, ground - width / 40, width / 12, width / 20);
    pen.strokeStyle = "#ca9865";
    pen.lineWidth = width / 60;
    pen.beginPath();
    pen.moveTo(cart, ground - width / 80);
    pen.lineTo(cart + Math.sin(this.state[2]) * scale, ground - width / 80 - Math.cos(this.state[2]) * scale);
    pen.stroke();
    pen.fillStyle = "#8184cb";
    pen.beginPath();
    pen.arc(cart, ground - width / 80, width / 120, 0, 7);
    pen.fill();
  }
}

// MinAtar's Breakout on 10 x 10 cells, with its sticky actions.
class Breakout {
  actions = ["none", "left", "up", "right", "down", "fire"];
  unit = "bricks";

  constructor(sticky = 0.1) {
    this.sticky = sticky;
    this.last = 0; // the previous action, even the previous game's
  }

  reset(right = Math.random() < 0.5) {
    this.paddle = 4;
    this.dx = right ? -1 : 1;
    this.dy = 1;
    this.x = this.lastX = right ? 9 : 0;
    this.y = this.lastY = 3;
    this.struck = false;
    this.fill();
  }

  fill() {
    this.bricks = Array.from({length: 10}, (_, y) => Array(10).fill(y >= 1 && y <= 3));
  }

  step(action) {
    if (Math.random() < this.sticky) action = this.last;
    this.last = action;
    this.paddle = Math.min(9, Math.max(0, this.paddle + (action === 3) - (action === 1)));
    this.lastX = this.x;
    this.lastY = this.y;
    let x = this.x + this.dx, y = this.y + this.dy, reward = 0, over = false, strikes = false;
    if (x < 0 || x > 9) {
      x = Math.min(9, Math.max(0, x));
      this.dx = -this.dx;
    }
    this.x = x;
    this.y = y;
    if (y < 0) {
      this.y = 0;
      this.dy = 1;
    } else if (this.bricks[y][x]) {
      strikes = true;
      if (!this.struck) { // the ball flies through the bricks behind one that it hit
        reward = 1;
        this.struck = true;
        this.bricks[y][x] = false;
        this.y = this.lastY;
        this.dy = -this.dy;
      }
    } else if (y === 9) {
      if (!this.bricks.some(row => row.includes(true))) this.fill();
      if (this.lastX !== this.paddle && x !== this.paddle) {
        over = true;
      } else {
        if (this.lastX !== this.paddle) this.dx = -this.dx; // only the corner was hit
        this.dy = -1;
        this.y = this.lastY;
      }
    }
    if (!strikes) this.struck = false;
    return [reward, over];
  }

  // Four planes: paddle, ball, where the ball was, bricks.
  observe() {
    const cells = new Uint8Array(400);
    cells[90 + this.paddle] = cells[100 + this.y * 10 + this.x] = cells[200 + this.lastY * 10 + this.lastX] = 255;
    for (let y = 1; y <= 3; y++) for (let x = 0; x < 10; x++) if (this.bricks[y][x]) cells[300 + y * 10 + x] = 255;
    return cells;
  }

  draw(canvas) {
    const pen = canvas.getContext("2d"), side = canvas.height / 10, left = (canvas.width - canvas.height) / 2;
    const colours = ["#6bd1e3", "#ffffff", "#5a6a7a", "#e07a5f"], cells = this.observe();
    pen.fillStyle = "#14181d";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = "#1d232a";
    pen.fillRect(left, 0, canvas.height, canvas.height);
    for (const plane of [2, 3, 0, 1]) {
      pen.fillStyle = colours[plane];
      for (let i = 0; i < 100; i++)
        if (cells[plane * 100 + i]) pen.fillRect(left + i % 10 * side + 1, Math.floor(i / 10) * side + 1, side - 2, side - 2);
    }
  }
}
