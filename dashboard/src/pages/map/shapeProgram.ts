/** Draws nodes of six forms and four marks in one pass of the graphics card; of many nodes as points, which cost half of what triangles do. */
import { NodeProgram, type ProgramInfo } from 'sigma/rendering';
import type { NodeDisplayData, RenderParams } from 'sigma/types';
import { floatColor } from 'sigma/utils';
import { type Mark, MARKS, type Shape, SHAPES } from './looks.ts';

const VERTEX = /* glsl */ `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_position;
attribute float a_size;
attribute float a_look;
#ifndef POINTS
attribute float a_angle;
#endif
uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_correctionRatio;
uniform float u_pixelRatio;
varying vec4 v_color;
varying vec2 v_at;
varying float v_look;
varying float v_edge;
const float bias = 255.0 / 254.0;
void main() {
  v_look = a_look;
  #ifdef POINTS
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  gl_PointSize = 2.3 * a_size / u_sizeRatio * u_pixelRatio;
  v_edge = 2.3 / gl_PointSize;
  #else
  float radius = a_size * u_correctionRatio / u_sizeRatio * 2.0;
  vec2 away = 2.6 * vec2(cos(a_angle), sin(a_angle));
  gl_Position = vec4((u_matrix * vec3(a_position + radius * away, 1)).xy, 0, 1);
  v_at = away;
  v_edge = u_correctionRatio * 2.0 / radius;
  #endif
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= bias;
}`;

const FRAGMENT = /* glsl */ `
precision highp float;
varying vec4 v_color;
varying vec2 v_at;
varying float v_look;
varying float v_edge;
float box(vec2 p, vec2 b) { vec2 d = abs(p) - b; return max(d.x, d.y); }
void main() {
  float shape = floor(v_look / 4.0 + 0.01);
  float mark = v_look - shape * 4.0;
  #ifdef POINTS
  vec2 p = (gl_PointCoord - 0.5) * vec2(2.3, -2.3);
  #else
  vec2 p = v_at;
  #endif
  float d = length(p) - 1.0;
  if (shape < 0.5) d = box(p, vec2(0.85));
  else if (shape < 1.5) d = length(p) - 1.0;
  else if (shape < 2.5) d = (abs(p.x) + abs(p.y) - 1.1) * 0.707;
  else if (shape < 3.5) d = max(-p.y - 0.8, (p.y - 1.0 + 1.8 * abs(p.x)) * 0.486);
  else if (shape < 4.5) d = max(abs(p.y) - 0.87, abs(p.x) * 0.866 + abs(p.y) * 0.5 - 0.866);
  else d = min(box(p, vec2(0.35, 1.0)), box(p, vec2(1.0, 0.35)));
  #ifdef PICKING_MODE
  gl_FragColor = d > 0.0 ? vec4(0.0) : v_color;
  #else
  float inside = 1.0 - smoothstep(-v_edge, v_edge, d);
  if (mark > 1.5 && mark < 2.5) inside *= smoothstep(-0.42 - v_edge, -0.42 + v_edge, d);
  float line = 1.0;
  if (mark > 0.5 && mark < 1.5) line = max(min(abs(p.x - p.y), abs(p.x + p.y)) * 0.707 - 0.13, length(p) - 0.62);
  else if (mark > 2.5) line = box(p, vec2(0.5, 0.15));
  float cut = 1.0 - smoothstep(-v_edge, v_edge, line);
  gl_FragColor = mix(vec4(0.0), mix(v_color, vec4(1.0), cut), inside);
  #endif
}`;

const UNIFORMS = ['u_sizeRatio', 'u_correctionRatio', 'u_matrix', 'u_pixelRatio'] as const;
const THIRD = (2 * Math.PI) / 3;
/** Constants of WebGL (OpenGL ES 2.0). */
const [UNSIGNED_BYTE, FLOAT, TRIANGLES, POINTS] = [0x1401, 0x1406, 0x0004, 0x0000];

export function lookNumber(shape: Shape, mark: Mark): number {
  return SHAPES.indexOf(shape) * MARKS.length + MARKS.indexOf(mark);
}

/**
 * `asPoints`: one point a node; a card may draw none larger than some 250 px. `isMoving`: nothing is asked of the pointer meanwhile.
 */
export function shapeProgram({
  asPoints,
  isMoving,
}: {
  readonly asPoints: boolean;
  readonly isMoving: () => boolean;
}) {
  const defines = asPoints ? '#define POINTS\n' : '';
  return class ShapeProgram extends NodeProgram<(typeof UNIFORMS)[number]> {
    getDefinition() {
      return {
        VERTICES: asPoints ? 1 : 3,
        VERTEX_SHADER_SOURCE: defines + VERTEX,
        FRAGMENT_SHADER_SOURCE: defines + FRAGMENT,
        METHOD: asPoints ? (POINTS as 0) : (TRIANGLES as 4),
        UNIFORMS,
        ATTRIBUTES: [
          { name: 'a_position', size: 2, type: FLOAT },
          { name: 'a_size', size: 1, type: FLOAT },
          { name: 'a_color', size: 4, type: UNSIGNED_BYTE, normalized: true },
          { name: 'a_id', size: 4, type: UNSIGNED_BYTE, normalized: true },
          { name: 'a_look', size: 1, type: FLOAT },
        ],
        ...(asPoints
          ? {}
          : {
              CONSTANT_ATTRIBUTES: [{ name: 'a_angle', size: 1, type: FLOAT }],
              CONSTANT_DATA: [[THIRD / 4], [THIRD / 4 + THIRD], [THIRD / 4 + 2 * THIRD]],
            }),
      };
    }

    processVisibleItem(
      nodeIndex: number,
      startIndex: number,
      data: NodeDisplayData & { look?: number },
    ): void {
      const array = this.array;
      array[startIndex] = data.x;
      array[startIndex + 1] = data.y;
      array[startIndex + 2] = data.size;
      array[startIndex + 3] = floatColor(data.color);
      array[startIndex + 4] = nodeIndex;
      array[startIndex + 5] = data.look ?? 0;
    }

    // Who moves the map points at nothing: what lies beneath the pointer is drawn when it stands.
    protected override renderProgram(params: RenderParams, info: ProgramInfo): void {
      if (!(info.isPicking && isMoving())) super.renderProgram(params, info);
    }

    setUniforms(params: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
      gl.uniform1f(uniformLocations.u_sizeRatio ?? null, params.sizeRatio);
      gl.uniform1f(uniformLocations.u_pixelRatio ?? null, params.pixelRatio);
      gl.uniform1f(uniformLocations.u_correctionRatio ?? null, params.correctionRatio);
      gl.uniformMatrix3fv(uniformLocations.u_matrix ?? null, false, params.matrix);
    }
  };
}
